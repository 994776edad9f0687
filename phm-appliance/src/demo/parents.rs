//! Father and mother: mostly well, with what people of forty carry.
//!
//! The father had dengue (platelets fell and came back) and raised cholesterol; he wears a watch that counts his
//! pulse. The mother has an underactive thyroid gland, once had too little iron, and gets migraine.

use serde_json::json;

use super::story::{Ago, Medicine, Story, Taken, Who, along};
use super::terms::{Term, cvx, lab, rxnorm, snomed, vital};

const MALIK: Who =
    Who { name: "Dr Sunil Malik", speciality: "General practice", organization: "Sector 35 Family Practice" };
const SOHAL: Who = Who { name: "Dr Preet Sohal", speciality: "Endocrinology", organization: "Saanjh Clinic" };
const KAPOOR: Who = Who { name: "Dr Leena Kapoor", speciality: "Obstetrics", organization: "Sukhna Hospital" };
const DENTIST: Who = Who { name: "Dr Imran Quadri", speciality: "Dentistry", organization: "Smile House" };

const LIPIDS: Term = snomed("55822004", "Hyperlipidemia");
const PREDIABETES: Term = snomed("714628002", "Prediabetes");
const REFLUX: Term = snomed("235595009", "Gastroesophageal reflux disease");
const DENGUE: Term = snomed("38362002", "Dengue");
const BACK: Term = snomed("279039007", "Low back pain");
const COLD: Term = snomed("54150009", "Upper respiratory infection");
const THYROID: Term = snomed("40930008", "Hypothyroidism");
const IRON: Term = snomed("87522002", "Iron deficiency anemia");
const MIGRAINE: Term = snomed("37796009", "Migraine");
const DIABETES: Term = snomed("44054006", "Type 2 diabetes mellitus");

const MORNING: Taken = Taken { times: 1, unit: "day", as_needed: false, text: "1-0-0, before breakfast" };
const NIGHT: Taken = Taken { times: 1, unit: "day", as_needed: false, text: "0-0-1, at bedtime" };
const WHEN_NEEDED: Taken = Taken { times: 2, unit: "day", as_needed: true, text: "when needed, at most twice a day" };

const fn tablet(drug: Term, strength: &'static str, taken: Taken, reason: &'static str, by: Who) -> Medicine {
    Medicine { drug, strength, form: "tablet", route: "oral", taken, reason, by }
}

const ATORVASTATIN: Medicine = tablet(rxnorm("83367", "Atorvastatin"), "10 mg", NIGHT, "Raised cholesterol", MALIK);
const PANTOPRAZOLE: Medicine = tablet(rxnorm("40790", "Pantoprazole"), "40 mg", MORNING, "Acid reflux", MALIK);
const PARACETAMOL: Medicine = tablet(rxnorm("161", "Acetaminophen"), "650 mg", WHEN_NEEDED, "Fever", MALIK);
const LEVOTHYROXINE_50: Medicine =
    tablet(rxnorm("10582", "Levothyroxine"), "50 ug", MORNING, "Underactive thyroid gland", SOHAL);
const LEVOTHYROXINE_75: Medicine = Medicine { strength: "75 ug", ..LEVOTHYROXINE_50 };
const IRON_TABLETS: Medicine = tablet(rxnorm("24947", "Ferrous sulfate"), "200 mg", MORNING, "Lack of iron", MALIK);
const SUMATRIPTAN: Medicine = tablet(rxnorm("37418", "Sumatriptan"), "50 mg", WHEN_NEEDED, "Migraine", MALIK);

/// Tells the father's history.
pub(super) fn father(story: &mut Story) {
    story.condition(LIPIDS, "mild", true, 1500, None);
    story.condition(PREDIABETES, "mild", true, 780, None);
    story.condition(REFLUX, "mild", false, 1900, Some(1780));
    story.relative("mother", &[DIABETES], false);
    story.allergy(
        snomed("260147004", "House dust mite"),
        "environment",
        "low",
        (snomed("76067001", "Sneezing"), "mild"),
        6000,
    );
    for year in 0..story.first() / 365 {
        let ago = year * 365 + 48;
        check_up(story, ago);
    }
    for month in 0..story.first().min(1460) / 30 {
        let weight = story.dice.near(along(&[(-1460, 842), (-500, 861), (0, 828)], -(month * 30)), 6);
        story.vital(month * 30 + 2, 7, vital::WEIGHT, weight);
    }
    story.medicine(ATORVASTATIN, 1480, None);
    story.medicine(PANTOPRAZOLE, 1900, Some((1840, "completed")));
    dengue(story);
    story.condition(BACK, "mild", false, 610, Some(560));
    story.visit(608, MALIK, "Back pain after lifting", &[BACK], "No warning signs. Keep moving; exercises shown.");
    story.visit(
        1900,
        MALIK,
        "Burning behind the breastbone",
        &[REFLUX],
        "Eight weeks of pantoprazole, less late food.",
    );
    story.shot(1990, cvx("210", "COVID-19, viral vector, ChAdOx1"), Some(1), MALIK);
    story.shot(1906, cvx("210", "COVID-19, viral vector, ChAdOx1"), Some(2), MALIK);
    story.shot(1400, cvx("115", "Tdap"), None, MALIK);
    story.standing(
        "device",
        json!({"type": "Wrist watch with pulse sensor", "manufacturer": "Naveen Instruments",
        "model": "Chal 3", "status": "active"}),
    );
    story.standing("insurance", json!({
        "payer": "Sutlej Health Insurance", "plan": "Family", "member_number": "SHI-0090-1183", "holder": story.name.clone(),
        "start": story.day(900), "end": story.day(-195),
    }));
    story.appointment(48, 9, MALIK, "check-up", "Yearly check-up");
    story.appointment(-21, 17, DENTIST, "examination", "Dental check");
    story.note(
        48,
        "After the check-up",
        "Sugar just above normal again. Cycle to work three days a week until the next test.",
    );
}

fn check_up(story: &mut Story, ago: Ago) {
    let mut near = |middle: i64, spread: u32| story.dice.near(middle, spread);
    let (sugar, fasting) = (near(along(&[(-3600, 53), (-700, 59), (0, 58)], -ago), 1), near(101, 6));
    let (hdl, triglycerides) = (near(41, 3), near(168, 25));
    let ldl = near(along(&[(-3600, 128), (-1500, 146), (-1300, 98), (0, 92)], -ago), 8);
    let lipids = [
        (lab::CHOLESTEROL, hdl + ldl + triglycerides / 5),
        (lab::TRIGLYCERIDES, triglycerides),
        (lab::HDL, hdl),
        (lab::LDL, ldl),
    ];
    let liver = [(lab::ALT, near(38, 8)), (lab::AST, near(30, 6)), (lab::BILIRUBIN, near(8, 2))];
    let (systolic, diastolic, pulse) = (near(126, 7), near(81, 5), near(68, 6));
    story.test(ago, lab::HBA1C, sugar, None);
    story.test(ago, lab::FASTING, fasting, None);
    story.panel(ago, lab::LIPIDS, &lipids);
    story.panel(ago, lab::LIVER, &liver);
    story.visit(ago, MALIK, "Yearly check-up", &[], "Advice on food, sleep and walking.");
    story.pressure(ago, 9, systolic, diastolic, "sitting, left arm");
    story.vital(ago, 9, vital::PULSE, pulse);
    let weight = story.dice.near(840, 12);
    story.weight(ago, weight, 1765);
}

/// Seven days in the rainy season three years ago.
fn dengue(story: &mut Story) {
    const BEGAN: Ago = 1170;
    story.condition(DENGUE, "moderate", false, BEGAN, Some(BEGAN - 12));
    let course = [(0, 391, 168), (1, 396, 121), (2, 388, 86), (3, 379, 54), (4, 372, 61), (5, 369, 97), (7, 366, 158)];
    for (day, fever, platelets) in course {
        let ago = BEGAN - day;
        story.vital(ago, 8, vital::TEMPERATURE, fever);
        let hemoglobin = story.dice.near(148, 4);
        story.panel(
            ago,
            lab::BLOOD_COUNT,
            &[(lab::HEMOGLOBIN, hemoglobin), (lab::LEUKOCYTES, 28 + i64::from(day) * 4), (lab::PLATELETS, platelets)],
        );
    }
    story.visit(
        BEGAN,
        MALIK,
        "High fever, pain behind the eyes",
        &[DENGUE],
        "Dengue NS1 positive. Blood count every day.",
    );
    let admitted = json!({
        "start": story.at(BEGAN - 2, 11, 0), "end": story.at(BEGAN - 5, 10, 0), "type": "inpatient", "status": "finished",
        "provider": MALIK.json(), "chief_complaint": "Falling platelets", "diagnoses": [DENGUE.json()],
        "notes": "Fluids, no bleeding, no transfusion.",
    });
    story.tell(BEGAN - 2, "visit", admitted);
    story.medicine(PARACETAMOL, BEGAN, Some((BEGAN - 6, "completed")));
    let lines = [
        "Sukhna Hospital, Chandigarh.",
        "",
        "Dengue fever without warning signs.",
        "Lowest platelet count 54 x 10*3/uL on day 4, rising at discharge.",
        "Rest for two weeks. No ibuprofen, no aspirin.",
    ];
    story.document(
        BEGAN - 5,
        "discharge-summary",
        "Discharge summary: dengue",
        "Dr Sunil Malik",
        &lines.map(String::from),
    );
}

/// Tells the mother's history.
pub(super) fn mother(story: &mut Story) {
    story.condition(THYROID, "mild", true, 2900, None);
    story.condition(MIGRAINE, "moderate", true, 4400, None);
    story.condition(snomed("11687002", "Gestational diabetes mellitus"), "mild", false, 3470, Some(3345));
    story.condition(IRON, "moderate", false, 1700, Some(1500));
    story.allergy(
        rxnorm("5640", "Ibuprofen"),
        "medication",
        "low",
        (snomed("126485001", "Urticaria"), "moderate"),
        4100,
    );
    story.relative("father", &[snomed("22298006", "Myocardial infarction")], true);
    story.relative("mother", &[THYROID], false);
    story.medicine(LEVOTHYROXINE_50, 2880, Some((1461, "completed")));
    story.medicine(LEVOTHYROXINE_75, 1460, None);
    story.medicine(SUMATRIPTAN, 1300, None);
    story.medicine(IRON_TABLETS, 1690, Some((1510, "completed")));
    story.procedure(3346, snomed("11466000", "Cesarean section").json(), KAPOOR, "A girl, 3.1 kg; both well");
    story.note(3346, "The day she came", "Six in the morning, and it rained.");
    story.visit(
        3470,
        KAPOOR,
        "Pregnancy, 24 weeks",
        &[snomed("11687002", "Gestational diabetes mellitus")],
        "Diet only.",
    );
    for half in 0..story.first().min(2900) / 182 {
        thyroid(story, half * 182 + 33);
    }
    for (ago, hemoglobin, ferritin) in [(1702, 98, 6), (1610, 112, 19), (1500, 127, 48), (900, 129, 52), (200, 131, 57)]
    {
        let (leukocytes, platelets) = (story.dice.near(66, 9), story.dice.near(281, 30));
        story.panel(
            ago,
            lab::BLOOD_COUNT,
            &[(lab::HEMOGLOBIN, hemoglobin), (lab::LEUKOCYTES, leukocytes), (lab::PLATELETS, platelets)],
        );
        story.test(ago, lab::FERRITIN, ferritin, None);
    }
    let visit =
        story.visit(1700, MALIK, "Tired, short of breath on stairs", &[IRON], "Iron for six months, then check again.");
    story.prescription(1700, visit, &[IRON_TABLETS]);
    story.visit(
        1300,
        MALIK,
        "Headache on one side with nausea, twice a month",
        &[MIGRAINE],
        "Diary begun; sumatriptan early.",
    );
    for attack in 0..18 {
        let ago = 30 + attack * 26;
        let severity = *story.dice.pick(&["mild", "moderate", "severe"]);
        story.tell(
            ago,
            "symptom-report",
            json!({
                "text": "आधे सिर में दर्द, रोशनी चुभती है।", "language": "hi", "started": story.day(ago),
                "items": [{"concept": MIGRAINE.json(), "severity": severity}],
            }),
        );
    }
    story.shot(1960, cvx("210", "COVID-19, viral vector, ChAdOx1"), Some(1), MALIK);
    story.shot(1876, cvx("210", "COVID-19, viral vector, ChAdOx1"), Some(2), MALIK);
    story.shot(3380, cvx("115", "Tdap"), None, KAPOOR);
    story.appointment(33, 16, SOHAL, "follow-up", "Thyroid check");
    story.appointment(-13, 16, SOHAL, "follow-up", "Thyroid check");
}

fn thyroid(story: &mut Story, ago: Ago) {
    let tsh =
        story.dice.near(along(&[(-2900, 910), (-2700, 380), (-1500, 520), (-1300, 240), (0, 210)], -ago), 60).max(45);
    story.test(ago, lab::TSH, tsh, None);
    let notes = if tsh > 450 { "TSH above range; dose discussed." } else { "In range; same dose." };
    let visit = story.visit(ago, SOHAL, "Thyroid check", &[THYROID], notes);
    let dose = if ago > 1460 { LEVOTHYROXINE_50 } else { LEVOTHYROXINE_75 };
    story.prescription(ago, visit, &[dose]);
    let (systolic, diastolic, weight) = (story.dice.near(114, 7), story.dice.near(73, 5), story.dice.near(612, 10));
    story.pressure(ago, 16, systolic, diastolic, "");
    story.weight(ago, weight, 1620);
}

/// A cold now and then; every member of the family has them.
pub(super) fn colds(story: &mut Story, every: Ago) {
    for number in 0..story.first() / every {
        let late = i32::try_from(story.dice.below(60)).expect("below sixty");
        let ago = number * every + 25 + late;
        story.visit(
            ago,
            MALIK,
            "Cough and blocked nose",
            &[COLD],
            "Drink, rest, steam; come back if fever lasts three days.",
        );
        let fever = story.dice.near(377, 6);
        story.vital(ago, 10, vital::TEMPERATURE, fever);
    }
}
