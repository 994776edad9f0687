import { openBrowser, signIn, visitor } from "./support/browser.mjs";
import { call, openDemo, owner } from "./support/house.mjs";
const house = await openDemo();
const browser = await openBrowser();
const password = owner.password;
try {
const login = async (sign) => { const { access_token: t } = await call(house, "POST", "/auth/login", sign); return (m, p, b, h) => call(house, m, p, b, { authorization: `Bearer ${t}`, ...h }); };
const me = await login(house.sign);
const people = await me("GET", "/profiles");
const p = (people.find((x) => x.relation === "owner" && x.records > 100) ?? people[0]).profile;
const doc = await me("POST", "/accounts", { name: "Dr. Meera Iyer", email: "meera@phm.example", password, roles: ["provider"] });
const ravi = await me("POST", "/accounts", { name: "Ravi Sharma", email: "ravi@phm.example", password, roles: ["patient"] });
await me("POST", `/profiles/${p}/grants`, { to: { account: doc.id }, template: "labs-and-medicines", purpose: "Second opinion" });
await me("POST", `/profiles/${p}/grants`, { to: { account: doc.id }, template: "treatment", labels: ["mental-health"] });
await me("POST", `/profiles/${p}/family`, { account: ravi.id, relation: "carer", kinds: ["profile", "medication", "dose"], edit: true });
await me("POST", `/profiles/${p}/grants`, { to: { account: ravi.id }, template: "emergency" });
const g = await me("POST", `/profiles/${p}/grants`, { to: { role: "pharmacist" }, template: "pharmacy" });
await me("DELETE", `/profiles/${p}/grants/${g.id}`);
const meera = await login({ email: "meera@phm.example", password });
await meera("POST", `/profiles/${p}/break-glass`, { reason: "Unconscious after a fall" });
await meera("GET", `/profiles/${p}/lab-results`);
const r = await login({ email: "ravi@phm.example", password });
const e = await r("GET", "/emergencies");
await r("POST", `/profiles/${p}/grants/${e[0].id}/ask`);
await me("POST", "/tokens", { name: "Notebook", profiles: [p], kinds: ["lab-result"], actions: ["read"], expires_at: new Date(Date.now() + 8e8).toISOString() });
const acc = (await me("GET", "/accounts"))[0].id;
const shots = { owner: [house.sign, { access: `/p/${p}/access`, family: `/p/${p}/family`, links: `/p/${p}/links`, tokens: "/tokens", admin: "/admin", permissions: "/admin/permissions", account: `/admin/accounts/${acc}`, overview: `/p/${p}`, looked: `/p/${p}/who-looked` }], doctor: [{ email: "meera@phm.example", password }, { patients: "/patients", doctorview: `/p/${p}`, given: `/p/${p}/access` }], ravi: [{ email: "ravi@phm.example", password }, { people: "/people", join: "/join" }] };
const langs = process.env.LANGS ? [["hi-IN", "hi"]] : [["en-GB", "en"]];
for (const [locale, l] of langs)
for (const [name, width, scheme] of [["w", 1280, "light"], ["n", 360, "light"], ["d", 1280, "dark"]]) {
  for (const [, [sign, pages]] of Object.entries(shots)) {
    const v = await visitor(browser, house, { viewport: { width, height: 800 }, colorScheme: scheme, locale });
    await signIn(v.page, { sign });
    for (const [file, path] of Object.entries(pages)) {
      await v.page.goto(path);
      for (const s of await v.page.locator("main details.fold > summary").all()) if (["permissions", "patients"].includes(file)) { await s.click(); break; }
      const over = await v.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (over > 0) console.log("OVER", file, width, over);
      await v.page.screenshot({ path: `/tmp/w/consent-shots/${file}-${name}-${l}.png`, fullPage: true });
    }
    if (v.troubles.length) console.log(v.troubles);
    await v.close();
  }
}
} finally { await browser.close(); await house.stop(); }
