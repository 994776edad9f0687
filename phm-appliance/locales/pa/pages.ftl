### The other pages.

people-heading = ਸਾਰੇ ਲੋਕ
people-add = ਵਿਅਕਤੀ ਜੋੜੋ
people-none = ਇੱਥੇ ਹਾਲੇ ਕੋਈ ਨਹੀਂ।
relation-self = ਤੁਸੀਂ
relation-owner = ਮਾਲਕ
relation-guardian = ਸਰਪ੍ਰਸਤ
relation-carer = ਦੇਖਭਾਲ ਕਰਨ ਵਾਲਾ

## Documents

drop-here = ਫ਼ਾਈਲ ਇੱਥੇ ਛੱਡੋ, ਜਾਂ ਚੁਣੋ
drop-kinds = PDF ਜਾਂ ਤਸਵੀਰ
take-photo = ਫ਼ੋਟੋ ਲਵੋ
document-file = ਫ਼ਾਈਲ
document-view = ਦੇਖੋ
document-download = ਡਾਊਨਲੋਡ ਕਰੋ
document-elsewhere = ਫ਼ਾਈਲ ਇਸ ਰਿਕਾਰਡ ਨਾਲ ਨਹੀਂ ਆਈ।

## Import

import-heading = ਆਯਾਤ
import-lead = ਹਸਪਤਾਲ, ਪ੍ਰਯੋਗਸ਼ਾਲਾ ਜਾਂ ਹੋਰ ਪ੍ਰੋਗਰਾਮ ਤੋਂ ਰਿਕਾਰਡ ਲਿਆਓ। ਪਹਿਲਾਂ ਤੁਸੀਂ ਸਭ ਦੇਖੋਗੇ; ਤੁਹਾਡੇ ਕਹਿਣ ਤੱਕ ਕੁਝ ਨਹੀਂ ਲਿਖਿਆ ਜਾਂਦਾ।
import-choose = ਫ਼ਾਈਲ ਇੱਥੇ ਛੱਡੋ, ਜਾਂ ਚੁਣੋ
import-formats = FHIR R4: .json, .ndjson, .gz, .tar.gz ਜਾਂ .zip ਵੀ
import-check = ਫ਼ਾਈਲ ਜਾਂਚੋ
import-before = ਪਿਛਲੇ ਆਯਾਤ
import-none = ਹਾਲੇ ਕੋਈ ਆਯਾਤ ਨਹੀਂ।
import-about = { $names } ਬਾਰੇ
import-added = { $count ->
    [one] { $count } ਰਿਕਾਰਡ ਜੋੜਿਆ ਗਿਆ
   *[other] { $count } ਰਿਕਾਰਡ ਜੋੜੇ ਗਏ
}
import-state-checking = ਜਾਂਚ ਹੋ ਰਹੀ ਹੈ
import-state-preview = ਝਲਕ
import-state-importing = ਆਯਾਤ ਹੋ ਰਿਹਾ ਹੈ
import-state-done = ਆਯਾਤ ਹੋਇਆ
import-state-failed = ਅਸਫਲ
import-state-undone = ਵਾਪਸ ਲਿਆ ਗਿਆ
import-progress = { $total } ਵਿੱਚੋਂ { $done }
import-preview-lead = ਫ਼ਾਈਲ ਵਿੱਚ ਇਹ ਹੈ। ਹਾਲੇ ਕੁਝ ਨਹੀਂ ਲਿਖਿਆ ਗਿਆ।
import-holds = ਫ਼ਾਈਲ ਵਿੱਚ
import-balance = ਇਸ ਨਾਲ ਕੀ ਬਦਲੇਗਾ
import-row-added = ਨਵੇਂ
import-row-updated = ਨਵੇਂ ਸੰਸਕਰਣ
import-row-unchanged = ਪਹਿਲਾਂ ਤੋਂ ਮੌਜੂਦ
import-row-older = ਤੁਹਾਡੇ ਵਾਲੇ ਤੋਂ ਪੁਰਾਣੇ
import-row-conflicts = ਤੁਸੀਂ ਵੀ ਬਦਲੇ; ਦੋਵੇਂ ਰੱਖੇ ਜਾਣਗੇ
import-row-skipped = ਛੱਡੇ ਗਏ
import-confirm = ਇਹ ਰਿਕਾਰਡ ਆਯਾਤ ਕਰੋ
import-see = ਸਮਾਂ-ਰੇਖਾ ਦੇਖੋ
import-undo = ਇਹ ਆਯਾਤ ਵਾਪਸ ਲਵੋ
import-undo-explained = ਇਸ ਆਯਾਤ ਦੇ ਸਾਰੇ ਰਿਕਾਰਡ ਸੂਚੀਆਂ ਵਿੱਚੋਂ ਹਟ ਜਾਣਗੇ। ਬਾਅਦ ਵਿੱਚ ਤੁਸੀਂ ਜੋ ਹੱਥੀਂ ਬਦਲਿਆ, ਉਹ ਰਹੇਗਾ। ਜੋ ਰਿਕਾਰਡ ਕਿਸੇ ਬਾਅਦ ਦੀ ਫ਼ਾਈਲ ਵਿੱਚ ਸਿਰਫ਼ ਦੁਹਰਾਏ ਗਏ ਸਨ, ਉਹ ਵੀ ਹਟਣਗੇ; ਉਨ੍ਹਾਂ ਨੂੰ ਵਾਪਸ ਲੈਣ ਲਈ ਉਹ ਫ਼ਾਈਲ ਫਿਰ ਆਯਾਤ ਕਰੋ।
import-undo-yes = ਵਾਪਸ ਲਵੋ
import-refused = { $count ->
    [one] { $count } ਇੰਦਰਾਜ ਨਹੀਂ ਲਿਆ ਜਾ ਸਕਦਾ
   *[other] { $count } ਇੰਦਰਾਜ ਨਹੀਂ ਲਏ ਜਾ ਸਕਦੇ
}
import-refused-lead = ਫ਼ਾਈਲ ਪੂਰੀ ਲਈ ਜਾਂਦੀ ਹੈ ਜਾਂ ਬਿਲਕੁਲ ਨਹੀਂ। ਇਹ ਥਾਵਾਂ ਸੁਧਾਰ ਕੇ ਫਿਰ ਕੋਸ਼ਿਸ਼ ਕਰੋ।
import-entry = ਇੰਦਰਾਜ
import-place = ਥਾਂ
import-reason = ਕਾਰਨ

## Who looked

who-looked-lead = ਹਰ ਵਾਰ ਦੇਖਣਾ ਅਤੇ ਹਰ ਤਬਦੀਲੀ ਇੱਥੇ ਲਿਖੀ ਜਾਂਦੀ ਹੈ ਅਤੇ ਮਿਟਾਈ ਨਹੀਂ ਜਾ ਸਕਦੀ।
who-looked-none = ਹਾਲੇ ਕਿਸੇ ਨੇ ਨਹੀਂ ਦੇਖਿਆ।
actor-operator = ਇਸ ਮਸ਼ੀਨ ਦਾ ਸੰਚਾਲਕ
audit-everything = ਸਭ ਕੁਝ
audit-refused = ਮਨ੍ਹਾ ਕੀਤਾ
audit-part = { $what } { $count }
time-span = { $from }–{ $to }
audit-read = ਦੇਖਿਆ: { $records }
audit-add = ਜੋੜਿਆ: { $records }
audit-amend = ਬਦਲਿਆ: { $records }
audit-remove = ਹਟਾਇਆ: { $records }
audit-restore = ਵਾਪਸ ਲਿਆਂਦਾ: { $records }
audit-rectify = ਪੂਰੀ ਤਰ੍ਹਾਂ ਮਿਟਾਇਆ: { $records }
audit-import = ਆਯਾਤ ਕੀਤਾ: { $records }
audit-export = ਨਿਰਯਾਤ ਕੀਤਾ: { $records }
audit-share = ਸਾਂਝਾ ਕੀਤਾ: { $records }
audit-other = ਵਰਤਿਆ: { $records }
purpose-self = ਆਪਣੀ ਵਰਤੋਂ
purpose-care = ਦੇਖਭਾਲ
purpose-operation = ਮਸ਼ੀਨ ਦਾ ਸੰਚਾਲਨ
purpose-making-the-demo-household = ਨਮੂਨਾ ਪਰਿਵਾਰ ਬਣਾਉਣਾ

## Settings

settings-digits = ਅੰਕ
settings-digits-help = ਪੰਨਿਆਂ 'ਤੇ ਨੰਬਰ ਕਿਵੇਂ ਲਿਖੇ ਜਾਣ। ਲਿਖਣ ਵੇਲੇ ਦੋਵੇਂ ਚੱਲਦੇ ਹਨ।
settings-zone = ਸਮਾਂ ਖੇਤਰ
settings-zone-auto = ਇਸ ਉਪਕਰਣ ਅਤੇ ਘਰ ਵਰਗਾ: { $zone }
settings-zone-help = ਮੁਲਾਕਾਤਾਂ ਅਤੇ ਕਿਸਨੇ ਦੇਖਿਆ ਦੇ ਸਮੇਂ ਇਸ ਵਿੱਚ ਦਿਖਦੇ ਹਨ। ਕੁਝ ਫ਼ੋਨ ਆਪਣਾ ਖੇਤਰ ਨਹੀਂ ਦੱਸਦੇ; ਤਦ ਇੱਥੇ ਚੁਣੋ।
settings-theme = ਰੰਗ
theme-auto = ਉਪਕਰਣ ਵਾਂਗ
theme-light = ਹਲਕੇ
theme-dark = ਗੂੜ੍ਹੇ
settings-devices = ਸਾਈਨ ਇਨ ਕੀਤੇ ਉਪਕਰਣ
settings-this-device = ਇਹ ਉਪਕਰਣ
settings-end-session = ਉੱਥੇ ਸਾਈਨ ਆਊਟ ਕਰੋ
settings-saved = ਸੰਭਾਲਿਆ ਗਿਆ।

## Administration

admin-lead = ਮਸ਼ੀਨ ਦੀ ਸਥਿਤੀ। ਇੱਥੋਂ ਕਿਸੇ ਦੇ ਰਿਕਾਰਡ ਨਹੀਂ ਪੜ੍ਹੇ ਜਾ ਸਕਦੇ।
admin-checks = ਜਾਂਚਾਂ
admin-accounts = ਖਾਤੇ
admin-settings = ਲਾਗੂ ਸੈਟਿੰਗਾਂ
admin-people = ਲੋਕ
admin-records = ਰਿਕਾਰਡ
admin-documents = ਦਸਤਾਵੇਜ਼
admin-space = ਵਰਤੀ ਥਾਂ
admin-version = ਸੰਸਕਰਣ
column-setting = ਸੈਟਿੰਗ
column-source = ਕਿੱਥੋਂ
role-admin = ਪ੍ਰਬੰਧਕ
role-patient = ਮਰੀਜ਼
role-provider = ਡਾਕਟਰ
role-pharmacist = ਫ਼ਾਰਮਾਸਿਸਟ
role-lab = ਪ੍ਰਯੋਗਸ਼ਾਲਾ
role-front-desk = ਸਵਾਗਤ ਡੈਸਕ
notice-saved = ਸੰਭਾਲਿਆ ਗਿਆ।
notice-removed = ਹਟਾਇਆ ਗਿਆ। ਇਤਿਹਾਸ ਤੋਂ ਇਸਨੂੰ ਵਾਪਸ ਲਿਆ ਸਕਦੇ ਹੋ।
notice-restored = ਵਾਪਸ ਲਿਆਂਦਾ ਗਿਆ।
import-whose = ਇਹ ਰਿਕਾਰਡ ਕਿਸਦੇ ਹਨ?
import-for = { $name } ਲਈ
import-for-new = ਫ਼ਾਈਲ ਵਿੱਚ ਲਿਖੇ ਲੋਕਾਂ ਲਈ
import-as-new-person = ਇਸ ਲਈ ਨਵਾਂ ਵਿਅਕਤੀ ਬਣਾਓ
import-as-this-person = ਇਹ { $name } ਦੇ ਰਿਕਾਰਡ ਹਨ
import-error = ਫ਼ਾਈਲ ਨਹੀਂ ਲਈ ਜਾ ਸਕੀ। ਕੁਝ ਨਹੀਂ ਲਿਖਿਆ ਗਿਆ।
import-error-other-patient = ਇਹ ਫ਼ਾਈਲ ਕਿਸੇ ਹੋਰ ਬਾਰੇ ਹੈ। ਕੁਝ ਨਹੀਂ ਲਿਖਿਆ ਗਿਆ।
import-error-shared-id = ਇਸ ਫ਼ਾਈਲ ਦਾ ਇੱਕ ਪਛਾਣ ਨੰਬਰ ਦੋ ਲੋਕਾਂ ਦਾ ਹੈ, ਜਿਨ੍ਹਾਂ ਦੇ ਨਾਮ ਅਤੇ ਜਨਮ ਮਿਤੀਆਂ ਵੱਖ ਹਨ। ਕੁਝ ਨਹੀਂ ਲਿਖਿਆ ਗਿਆ, ਤਾਂ ਜੋ ਰਿਕਾਰਡ ਆਪਸ ਵਿੱਚ ਨਾ ਰਲ ਜਾਣ। ਫ਼ਾਈਲ ਜਿਨ੍ਹਾਂ ਬਾਰੇ ਹੈ ਉਨ੍ਹਾਂ ਨੂੰ ਜੋੜੋ, ਅਤੇ ਫ਼ਾਈਲ ਉਨ੍ਹਾਂ ਦੇ ਪੰਨੇ ਉੱਤੇ ਆਯਾਤ ਕਰੋ।
import-error-invalid-input = ਇਸ ਫ਼ਾਈਲ ਦੇ ਕੁਝ ਹਿੱਸੇ ਪੜ੍ਹੇ ਨਹੀਂ ਜਾ ਸਕਦੇ। ਕੁਝ ਨਹੀਂ ਲਿਖਿਆ ਗਿਆ।
check-vault = ਤਿਜੋਰੀ
check-status-ok = ਸਭ ਠੀਕ ਹੈ
check-status-warn = ਚੱਲ ਰਿਹਾ ਹੈ, ਪਰ ਦੇਖਣ ਦੀ ਲੋੜ ਹੈ
check-status-fail = ਕੰਮ ਨਹੀਂ ਕਰ ਰਿਹਾ
nav-interactions = ਕੀ ਦਵਾਈਆਂ ਇਕੱਠੀਆਂ ਠੀਕ ਹਨ?
nav-proposals = ਪਲੱਗਇਨ ਦੇ ਸੁਝਾਅ
interactions-not-reviewed = ਅਜਿਹੀ ਸਾਰਣੀ ਨਾਲ ਜਾਂਚਿਆ ਗਿਆ ਜਿਸ ਨੂੰ ਅਜੇ ਕਿਸੇ ਡਾਕਟਰ ਨੇ ਨਹੀਂ ਪਰਖਿਆ। ਇਹ ਫ਼ਾਰਮਾਸਿਸਟ ਨੂੰ ਪੁੱਛਣ ਦੀ ਥਾਂ ਨਹੀਂ ਲੈਂਦਾ।
interactions-unavailable = ਕੁਝ ਨਹੀਂ ਜਾਂਚਿਆ ਗਿਆ: ਦਵਾਈਆਂ ਜਾਣਨ ਵਾਲਾ ਕੋਈ ਪਲੱਗਇਨ ਚਾਲੂ ਨਹੀਂ। ਜੋ ਇਹ ਘਰ ਚਲਾਉਂਦਾ ਹੈ, ਉਹ ਉਸ ਨੂੰ ਚਾਲੂ ਕਰ ਸਕਦਾ ਹੈ।
interactions-failed = ਕੁਝ ਨਹੀਂ ਜਾਂਚਿਆ ਗਿਆ: ਦਵਾਈਆਂ ਜਾਣਨ ਵਾਲੇ ਪਲੱਗਇਨ ਨੇ ਕੰਮ ਨਹੀਂ ਕੀਤਾ ({ $code })। ਜੋ ਇਹ ਘਰ ਚਲਾਉਂਦਾ ਹੈ, ਉਸ ਨੂੰ ਉਸ ਦੇ ਲੌਗ ਵਿੱਚ ਹੋਰ ਮਿਲੇਗਾ।
interactions-nothing = ਜਾਂਚਣ ਲਈ ਕੋਈ ਦਵਾਈ ਨਹੀਂ ਹੈ।
interactions-part-checked = { $total } ਵਿੱਚੋਂ { $checked } ਦਵਾਈਆਂ ਜਾਂਚੀਆਂ ਗਈਆਂ। ਬਾਕੀ ਨਹੀਂ ਵੇਖੀਆਂ ਗਈਆਂ।
interactions-all-checked = ਸਾਰੀਆਂ { $total } ਦਵਾਈਆਂ ਜਾਂਚੀਆਂ ਗਈਆਂ।
interactions-no-promise = ਜਿੱਥੇ ਕੁਝ ਨਹੀਂ ਮਿਲਿਆ, ਉੱਥੇ ਸਾਰਣੀ ਵਿੱਚ ਕੁਝ ਲਿਖਿਆ ਨਹੀਂ। ਇਹ ਵਾਅਦਾ ਨਹੀਂ ਕਿ ਦਵਾਈਆਂ ਇਕੱਠੀਆਂ ਸੁਰੱਖਿਅਤ ਹਨ।
interactions-partial = ਤੁਸੀਂ ਇਸ ਵਿਅਕਤੀ ਦੀਆਂ ਸਾਰੀਆਂ ਦਵਾਈਆਂ ਜਾਂ ਐਲਰਜੀਆਂ ਨਹੀਂ ਵੇਖ ਸਕਦੇ, ਇਸ ਲਈ ਕੁਝ ਨਹੀਂ ਵੇਖੀਆਂ ਗਈਆਂ।
interactions-findings = ਕੀ ਮਿਲਿਆ
interactions-checked = ਜਾਂਚੀਆਂ ਗਈਆਂ
interactions-nothing-known = ਪਛਾਣੀਆਂ ਗਈਆਂ, ਪਰ ਸਾਰਣੀ ਇਨ੍ਹਾਂ ਬਾਰੇ ਕੁਝ ਨਹੀਂ ਜਾਣਦੀ
interactions-none-checked = ਨਹੀਂ ਜਾਂਚੀਆਂ ਗਈਆਂ
interactions-not-checked = ਨਹੀਂ ਜਾਂਚੀਆਂ ਗਈਆਂ: ਨਾਂ ਸਮਝੇ ਨਹੀਂ ਗਏ
interactions-allergies-not-checked = ਐਲਰਜੀਆਂ ਜੋ ਸਮਝੀਆਂ ਨਹੀਂ ਗਈਆਂ: ਕਿਸੇ ਦਵਾਈ ਦੀ ਇਨ੍ਹਾਂ ਨਾਲ ਤੁਲਨਾ ਨਹੀਂ ਹੋਈ
interactions-over = ਖ਼ਤਮ: ਇਨ੍ਹਾਂ ਦਾ ਸਮਾਂ ਲੰਘ ਗਿਆ ਹੈ, ਇਸ ਲਈ ਨਹੀਂ ਜਾਂਚੀਆਂ ਗਈਆਂ
interactions-proposed = ਸ਼ਾਇਦ ਇਹ ਮਤਲਬ ਹੈ
interactions-may-be = { $name } ਸ਼ਾਇਦ { $substances } ਹੈ। ਜਾਂਚ ਲਈ ਰਿਕਾਰਡ ਵਿੱਚ ਤੱਤ ਦਾ ਨਾਂ ਲਿਖੋ।
interactions-data = ਅੰਕੜੇ: { $data }, ਪਲੱਗਇਨ { $plugin } ਤੋਂ
finding-interaction = ਇਕੱਠੀਆਂ ਠੀਕ ਨਹੀਂ
finding-duplicate = ਇੱਕੋ ਚੀਜ਼ ਦੋ ਵਾਰ
finding-allergy = ਐਲਰਜੀ
finding-qt = ਦੋਵੇਂ ਦਿਲ ਦੀ ਧੜਕਣ ਉੱਤੇ ਅਸਰ ਕਰਦੀਆਂ ਹਨ
finding-dose-sum = ਮਿਲਾ ਕੇ ਬਹੁਤ ਜ਼ਿਆਦਾ
severity-contraindicated = ਕਦੇ ਇਕੱਠੀਆਂ ਨਹੀਂ
severity-major = ਗੰਭੀਰ
severity-moderate = ਧਿਆਨ ਰੱਖੋ
severity-minor = ਜਾਣਨ ਯੋਗ
proposals-lead = ਇਹ ਇੱਕ ਪਲੱਗਇਨ ਨੇ ਪੜ੍ਹੀਆਂ ਹਨ। ਤੁਹਾਡੇ ਸਵੀਕਾਰ ਕਰਨ 'ਤੇ ਹੀ ਇਹ ਰਿਕਾਰਡ ਬਣਦੀਆਂ ਹਨ।
proposals-none = ਕੋਈ ਸੁਝਾਅ ਬਾਕੀ ਨਹੀਂ।
proposal-by = ਪਲੱਗਇਨ { $plugin } { $version } ਦਾ ਸੁਝਾਅ
proposal-accept = ਸਵੀਕਾਰ ਕਰੋ
proposal-reject = ਅਸਵੀਕਾਰ ਕਰੋ
admin-plugins = ਪਲੱਗਇਨ
plugins-lead = ਪਲੱਗਇਨ ਉਹੀ ਕਰ ਸਕਦਾ ਹੈ ਜੋ ਇੱਥੇ ਲਿਖਿਆ ਹੈ, ਹੋਰ ਕੁਝ ਨਹੀਂ; ਅਤੇ ਰਿਕਾਰਡਾਂ ਨਾਲ ਉਹੀ ਜਿਸ ਦੀ ਇਜਾਜ਼ਤ ਉਨ੍ਹਾਂ ਦੇ ਲੋਕਾਂ ਨੇ ਦਿੱਤੀ ਹੈ। ਨਵਾਂ ਪਲੱਗਇਨ ਹੇਠਾਂ ਲਾਇਆ ਜਾਂਦਾ ਹੈ, ਜਾਂ ਮਸ਼ੀਨ ਉੱਤੇ: phm plugin install।
plugins-none = ਕੋਈ ਪਲੱਗਇਨ ਨਹੀਂ ਲੱਗਾ।
plugin-on = ਚਾਲੂ
plugin-off = ਬੰਦ
plugin-asks-nothing = ਇਹ ਕੁਝ ਨਹੀਂ ਮੰਗਦਾ: ਨਾ ਰਿਕਾਰਡ, ਨਾ ਨੈੱਟਵਰਕ, ਕੁਝ ਨਹੀਂ ਰੱਖਦਾ।
plugin-granted = ਇਜਾਜ਼ਤ ਹੈ
plugin-not-granted = ਇਜਾਜ਼ਤ ਨਹੀਂ
plugin-sends = ਜੋ ਪੜ੍ਹਦਾ ਹੈ ਉਸ ਨੂੰ { $hosts } ਨੂੰ ਭੇਜ ਸਕਦਾ ਹੈ
plugin-signed = ਦਸਤਖ਼ਤ: { $key }
plugin-enable = ਜੋ ਵੀ ਮੰਗਦਾ ਹੈ, ਉਸ ਨਾਲ ਚਾਲੂ ਕਰੋ
plugin-disable = ਬੰਦ ਕਰੋ
plugin-log = ਬਿਨਾਂ ਕਿਸੇ ਵਿਅਕਤੀ ਵਾਲੀਆਂ ਕਾਲਾਂ ਵਿੱਚ ਇਸ ਨੇ ਕੀ ਲਿਖਿਆ
form-interactions = ਇਹ ਰਿਕਾਰਡ ਵਿੱਚ ਲਿਖੀਆਂ ਗੱਲਾਂ ਨਾਲ ਠੀਕ ਨਹੀਂ ਬੈਠਦਾ। ਅਜੇ ਕੁਝ ਸਾਂਭਿਆ ਨਹੀਂ ਗਿਆ। ਡਾਕਟਰ ਜਾਂ ਫ਼ਾਰਮਾਸਿਸਟ ਹੋਰ ਦੱਸ ਸਕਦੇ ਹਨ।
form-save-anyway = ਫਿਰ ਵੀ ਸਾਂਭੋ
plugin-takes = ਇੱਕ ਕਾਲ ਲਈ ਇਹ { $memory } MiB ਮੈਮੋਰੀ ਅਤੇ { $seconds } ਸਕਿੰਟ ਲੈ ਸਕਦਾ ਹੈ।
plugin-upload = ਪਲੱਗਇਨ ਲਾਓ
plugin-upload-file = ਪੈਕੇਜ (.phmp, ਵੱਧ ਤੋਂ ਵੱਧ 16 MiB)
plugin-upload-look = ਵੇਖੋ ਕਿ ਇਹ ਕੀ ਮੰਗਦਾ ਹੈ
plugin-upload-lead = ਅਜੇ ਕੁਝ ਨਹੀਂ ਲਾਇਆ ਗਿਆ। ਪਲੱਗਇਨ ਕੀ ਅਤੇ ਕਿਉਂ ਮੰਗਦਾ ਹੈ, ਇਹ ਉਸ ਦੇ ਲੇਖਕ ਦੇ ਸ਼ਬਦਾਂ ਵਿੱਚ ਇੱਥੇ ਹੈ।
plugin-upload-asks = ਇਹ ਕੀ ਕਰ ਸਕੇਗਾ
plugin-upload-replaces = ਇਸ ਦਾ ਸੰਸਕਰਣ { $version } ਲੱਗਾ ਹੈ। ਇਹ ਪੈਕੇਜ ਉਸ ਦੀ ਥਾਂ ਲਵੇਗਾ, ਅਤੇ ਇਹ ਕੀ ਕਰ ਸਕਦਾ ਹੈ, ਮੁੜ ਤੈਅ ਹੋਵੇਗਾ।
plugin-upload-trusted = { $name } ਦੇ ਦਸਤਖ਼ਤ, ਜਿਨ੍ਹਾਂ ਦੀ ਕੁੰਜੀ ਉੱਤੇ ਇੱਥੇ ਭਰੋਸਾ ਹੈ: { $key }
plugin-upload-unknown = ਦਸਤਖ਼ਤ ਅਜਿਹੀ ਕੁੰਜੀ ਨਾਲ ਹਨ ਜਿਸ ਉੱਤੇ ਇੱਥੇ ਭਰੋਸਾ ਨਹੀਂ: { $key }
plugin-upload-trust = ਇਸ ਕੁੰਜੀ ਉੱਤੇ ਭਰੋਸਾ ਕਰੋ। ਫਿਰ ਇਸ ਦੇ ਦਸਤਖ਼ਤ ਵਾਲਾ ਹਰ ਪੈਕੇਜ ਲਾਇਆ ਜਾ ਸਕੇਗਾ, ਇਸ ਲਈ ਇਸ ਨੂੰ ਲੇਖਕ ਤੋਂ ਕਿਸੇ ਹੋਰ ਰਾਹ ਮਿਲੀ ਕੁੰਜੀ ਨਾਲ ਮਿਲਾਓ।
plugin-upload-whose = ਇਹ ਕਿਸ ਦੀ ਕੁੰਜੀ ਹੈ
plugin-upload-on = ਲਾਓ ਅਤੇ ਚਾਲੂ ਕਰੋ
plugin-upload-off = ਲਾਓ, ਪਰ ਬੰਦ ਰੱਖੋ
plugin-upload-leave = ਨਾ ਲਾਓ
plugin-fault-no-file = ਪਹਿਲਾਂ ਇੱਕ ਪੈਕੇਜ ਚੁਣੋ।
plugin-fault-invalid-package = ਇਹ ਪਲੱਗਇਨ ਦਾ ਪੈਕੇਜ ਨਹੀਂ, ਜਾਂ ਖ਼ਰਾਬ ਹੈ।
plugin-fault-invalid-manifest = ਪਲੱਗਇਨ ਦਾ ਵੇਰਵਾ ਇੱਕ ਨਿਯਮ ਤੋੜਦਾ ਹੈ। ਕਿਹੜਾ, ਇਹ phm plugin validate ਉਸ ਦੇ ਲੇਖਕ ਨੂੰ ਦੱਸਦਾ ਹੈ।
plugin-fault-invalid-module = ਪਲੱਗਇਨ ਦਾ ਪ੍ਰੋਗਰਾਮ ਇੱਕ ਨਿਯਮ ਤੋੜਦਾ ਹੈ। ਕਿਹੜਾ, ਇਹ phm plugin validate ਉਸ ਦੇ ਲੇਖਕ ਨੂੰ ਦੱਸਦਾ ਹੈ।
plugin-fault-unsigned = ਪੈਕੇਜ ਉੱਤੇ ਦਸਤਖ਼ਤ ਨਹੀਂ ਹਨ। ਲੇਖਕ ਤੋਂ ਦਸਤਖ਼ਤ ਵਾਲਾ ਪੈਕੇਜ ਮੰਗੋ।
plugin-fault-bad-signature = ਦਸਤਖ਼ਤ ਮੇਲ ਨਹੀਂ ਖਾਂਦੇ: ਦਸਤਖ਼ਤ ਤੋਂ ਬਾਅਦ ਪੈਕੇਜ ਬਦਲਿਆ ਗਿਆ ਹੈ।
plugin-fault-untrusted-key = ਦਸਤਖ਼ਤ ਦੀ ਕੁੰਜੀ ਉੱਤੇ ਇੱਥੇ ਭਰੋਸਾ ਨਹੀਂ। ਉਸ ਉੱਤੇ ਭਰੋਸਾ ਕਰੋ, ਜਾਂ ਪਲੱਗਇਨ ਨਾ ਲਾਓ।
plugin-fault-name-missing = ਲਿਖੋ ਕਿ ਇਹ ਕਿਸ ਦੀ ਕੁੰਜੀ ਹੈ।
plugin-fault-other-author = ਇਹ ਨਾਂ ਕਿਸੇ ਹੋਰ ਲੇਖਕ ਦੇ ਪਲੱਗਇਨ ਦਾ ਹੈ, ਅਤੇ ਲੋਕਾਂ ਦੀਆਂ ਇਜਾਜ਼ਤਾਂ ਨਾਂ ਨਾਲ ਚੱਲਦੀਆਂ ਹਨ।
plugin-fault-older-version = ਇਸ ਤੋਂ ਨਵਾਂ ਸੰਸਕਰਣ ਲੱਗਾ ਹੋਇਆ ਹੈ।
plugin-fault-package-replaced = ਇਸ ਦੌਰਾਨ ਕੋਈ ਹੋਰ ਪੈਕੇਜ ਲਾਇਆ ਗਿਆ। ਵੇਖੋ ਕਿ ਉਹ ਕੀ ਮੰਗਦਾ ਹੈ।
plugin-fault-kind-taken = ਇਹ ਲੱਗਾ ਹੈ ਅਤੇ ਬੰਦ ਹੈ: ਇਸੇ ਕਿਸਮ ਦਾ ਦੂਜਾ ਪਲੱਗਇਨ ਚਾਲੂ ਹੈ, ਅਤੇ ਇੱਕ ਸਮੇਂ ਇੱਕ ਹੀ ਚੱਲਦਾ ਹੈ। ਪਹਿਲਾਂ ਦੂਜੇ ਨੂੰ ਬੰਦ ਕਰੋ।
plugin-fault-other = ਪਲੱਗਇਨ ਨਹੀਂ ਲਾਇਆ ਜਾ ਸਕਿਆ।
plugin-settings = ਸੈਟਿੰਗ
plugin-settings-of = { $name } ਦੀ ਸੈਟਿੰਗ
plugin-settings-lead = ਨਾਂ ਅਤੇ ਵਿਆਖਿਆ ਇਸ ਦੇ ਲੇਖਕ ਦੇ ਸ਼ਬਦ ਹਨ।
plugin-settings-none = ਇਸ ਦੀ ਕੋਈ ਸੈਟਿੰਗ ਨਹੀਂ।
plugin-settings-lines = ਹਰ ਲਾਈਨ ਵਿੱਚ ਇੱਕ।
plugin-settings-kept = ਇੱਕ ਰੱਖਿਆ ਹੋਇਆ ਹੈ। ਉਹ ਵਿਖਾਇਆ ਨਹੀਂ ਜਾਂਦਾ; ਉਸ ਨੂੰ ਰੱਖਣ ਲਈ ਇਸ ਨੂੰ ਖ਼ਾਲੀ ਛੱਡੋ।
plugin-settings-unset = ਕੁਝ ਰੱਖਿਆ ਨਹੀਂ।
plugin-settings-forget = ਜੋ ਰੱਖਿਆ ਹੈ, ਉਸ ਨੂੰ ਭੁੱਲ ਜਾਓ
plugin-settings-save = ਸਾਂਭੋ
problem-out-of-range = ਇਹ ਨੰਬਰ ਬਹੁਤ ਛੋਟਾ ਜਾਂ ਬਹੁਤ ਵੱਡਾ ਹੈ।
