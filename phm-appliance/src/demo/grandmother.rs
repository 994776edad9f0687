//! The grandmother: type 2 diabetes found eleven years ago, brought from an HbA1c of 9.2 % down to 6.8 %, with high
//! blood pressure, raised cholesterol, worn knees and early changes of the retina.
//!
//! Fasting glucose follows HbA1c by the ADAG formula (Nathan 2008: average glucose = 28.7 × HbA1c − 46.7 mg/dL).

use serde_json::json;

use super::story::{Ago, Medicine, Story, Taken, Who, along};
use super::terms::{Term, cvx, decimal, lab, rxnorm, snomed, vital};

const DIABETES: Term = snomed("44054006", "Type 2 diabetes mellitus");
const PRESSURE: Term = snomed("59621000", "Essential hypertension");
const LIPIDS: Term = snomed("55822004", "Hyperlipidemia");
const KNEE: Term = snomed("239873007", "Osteoarthritis of knee");
const RETINA: Term = snomed("312903003", "Mild nonproliferative diabetic retinopathy");
const CATARACT: Term = snomed("193570009", "Cataract");
const URINE: Term = snomed("68566005", "Urinary tract infection");

const RAO: Who = Who { name: "Dr Anjali Rao", speciality: "Diabetology", organization: "Saanjh Clinic" };
const EYES: Who = Who { name: "Dr Vivek Nanda", speciality: "Ophthalmology", organization: "Netra Eye Centre" };
const JOINTS: Who = Who { name: "Dr Harleen Brar", speciality: "Orthopaedics", organization: "Saanjh Clinic" };

const ONCE: Taken = Taken { times: 1, unit: "day", as_needed: false, text: "1-0-0, after breakfast" };
const NIGHT: Taken = Taken { times: 1, unit: "day", as_needed: false, text: "0-0-1, at bedtime" };
const TWICE: Taken = Taken { times: 2, unit: "day", as_needed: false, text: "1-0-1, with meals" };
const WEEKLY: Taken = Taken { times: 1, unit: "week", as_needed: false, text: "once a week, with milk" };
const WHEN_NEEDED: Taken = Taken { times: 3, unit: "day", as_needed: true, text: "for pain, at most 3 times a day" };

const fn tablet(drug: Term, strength: &'static str, taken: Taken, reason: &'static str, by: Who) -> Medicine {
    Medicine { drug, strength, form: "tablet", route: "oral", taken, reason, by }
}

const METFORMIN_500: Medicine = tablet(rxnorm("6809", "Metformin"), "500 mg", TWICE, "Type 2 diabetes mellitus", RAO);
const METFORMIN_1000: Medicine = Medicine { strength: "1000 mg", ..METFORMIN_500 };
const GLIMEPIRIDE: Medicine = tablet(rxnorm("25789", "Glimepiride"), "1 mg", ONCE, "Type 2 diabetes mellitus", RAO);
const DAPAGLIFLOZIN: Medicine =
    tablet(rxnorm("1488564", "Dapagliflozin"), "10 mg", ONCE, "Type 2 diabetes mellitus", RAO);
const TELMISARTAN: Medicine = tablet(rxnorm("73494", "Telmisartan"), "40 mg", ONCE, "High blood pressure", RAO);
const AMLODIPINE: Medicine = tablet(rxnorm("17767", "Amlodipine"), "5 mg", NIGHT, "High blood pressure", RAO);
const ATORVASTATIN: Medicine = tablet(rxnorm("83367", "Atorvastatin"), "20 mg", NIGHT, "Raised cholesterol", RAO);
const PARACETAMOL: Medicine = tablet(rxnorm("161", "Acetaminophen"), "500 mg", WHEN_NEEDED, "Knee pain", JOINTS);
const VITAMIN_D: Medicine =
    tablet(rxnorm("2418", "Cholecalciferol"), "60000 [iU]", WEEKLY, "Vitamin D deficiency", RAO);

/// HbA1c in tenths of a percent, by days before today; the bump is a spring without walks.
const HBA1C: [(i32, i64); 11] = [
    (-3540, 92),
    (-3280, 88),
    (-2920, 84),
    (-2560, 80),
    (-2330, 83),
    (-2010, 78),
    (-1640, 75),
    (-1280, 73),
    (-910, 71),
    (-460, 69),
    (-20, 68),
];
const QUARTER: Ago = 91;
const HEIGHT: i64 = 1560;

/// Tells her history.
pub(super) fn tell(story: &mut Story) {
    standing(story);
    let last = story.first().min(3640) / QUARTER;
    for quarter in (0..last).rev() {
        let ago = quarter * QUARTER + 20;
        check_up(story, ago, quarter);
    }
    at_home(story);
    events(story);
    ahead(story);
}

fn standing(story: &mut Story) {
    story.condition(DIABETES, "moderate", true, 4020, None);
    story.condition(PRESSURE, "moderate", true, 5100, None);
    story.condition(LIPIDS, "mild", true, 3300, None);
    story.condition(KNEE, "moderate", true, 2200, None);
    story.condition(RETINA, "mild", true, 1120, None);
    let rash = (snomed("271807003", "Eruption of skin"), "moderate");
    story.allergy(rxnorm("10180", "Sulfamethoxazole"), "medication", "high", rash, 6900);
    story.relative("mother", &[DIABETES, PRESSURE], true);
    story.relative("father", &[snomed("230690007", "Cerebrovascular accident")], true);
    story.standing("insurance", json!({
        "payer": "Sutlej Health Insurance", "plan": "Senior Care", "member_number": "SHI-0041-7720", "group": "SC-35",
        "holder": story.name.clone(), "start": story.day(1460), "end": story.day(-210),
    }));
    story.standing("device", json!({
        "type": "Blood glucose meter", "manufacturer": "Naveen Instruments", "model": "NG-2", "serial": "NG2-118842",
        "status": "active",
    }));
    story.standing("device", json!({
        "type": "Upper arm blood pressure monitor", "manufacturer": "Naveen Instruments", "model": "NB-7", "status": "active",
    }));
    story.standing("care-plan", json!({
        "title": "Living well with diabetes", "status": "active", "start": story.day(1100),
        "goals": [
            {"text": "HbA1c", "target": "below 7.0 %", "due": story.day(-70), "status": "achieved"},
            {"text": "Blood pressure", "target": "below 130/80 mm[Hg]", "due": story.day(-70), "status": "in progress"},
            {"text": "Weight", "target": "66 kg", "due": story.day(-160), "status": "in progress"},
        ],
        "activities": ["Walk 30 minutes after dinner", "Measure fasting glucose twice a week", "Eye examination every year",
            "Look at the feet every evening"],
    }));
}

fn hba1c(ago: Ago) -> i64 {
    along(&HBA1C, -ago)
}

/// The visit of a quarter, with its blood test; once a year all tests and a report on paper.
fn check_up(story: &mut Story, ago: Ago, quarter: Ago) {
    let first_or_last = quarter == 0 || ago > 3500;
    let sugar = if first_or_last { hba1c(ago) } else { story.dice.near(hba1c(ago), 1) };
    let fasting = (287 * sugar - 4670) / 100 * 88 / 100;
    let fasting = story.dice.near(fasting, 9);
    let (systolic, diastolic) =
        (along(&[(-3640, 158), (-1500, 140), (0, 131)], -ago), along(&[(-3640, 94), (0, 78)], -ago));
    let (systolic, diastolic) = (story.dice.near(systolic, 8), story.dice.near(diastolic, 5));
    let weight = story.dice.near(along(&[(-3640, 745), (-1800, 712), (0, 681)], -ago), 6);

    story.test(ago, lab::HBA1C, sugar, None);
    story.test(ago, lab::FASTING, fasting, None);
    let notes = match sugar {
        81.. => "Above target. Food diary gone through together, walk after dinner agreed.",
        71..=80 => "Better than a year ago. Medicines as before.",
        _ => "At target. Go on like this.",
    };
    let visit = story.visit(ago, RAO, "Diabetes check-up", &[DIABETES, PRESSURE], notes);
    story.pressure(ago, 10, systolic, diastolic, "sitting, right arm");
    let pulse = story.dice.near(76, 6);
    story.vital(ago, 10, vital::PULSE, pulse);
    story.weight(ago, weight, HEIGHT);
    if quarter % 2 == 0 {
        let metformin = if ago > 2900 { METFORMIN_500 } else { METFORMIN_1000 };
        let mut items = vec![metformin, TELMISARTAN];
        if ago < 1900 {
            items.push(DAPAGLIFLOZIN);
        }
        if ago < 3200 {
            items.push(ATORVASTATIN);
        }
        story.prescription(ago, visit, &items);
    }
    if quarter % 4 == 0 {
        yearly(story, ago, sugar, fasting);
    }
}

fn yearly(story: &mut Story, ago: Ago, sugar: i64, fasting: i64) {
    let mut near = |middle: i64, spread: u32| story.dice.near(middle, spread);
    let (hdl, triglycerides) = (near(44, 4), near(along(&[(-3640, 212), (0, 138)], -ago), 20));
    let ldl = near(along(&[(-3640, 148), (-3000, 104), (0, 78)], -ago), 9);
    let lipids = [
        (lab::CHOLESTEROL, hdl + ldl + triglycerides / 5),
        (lab::TRIGLYCERIDES, triglycerides),
        (lab::HDL, hdl),
        (lab::LDL, ldl),
    ];
    let kidneys = [
        (lab::CREATININE, near(along(&[(-3640, 76), (0, 84)], -ago), 3)),
        (lab::EGFR, near(along(&[(-3640, 87), (0, 74)], -ago), 3)),
        (lab::UREA, near(14, 3)),
        (lab::SODIUM, near(139, 2)),
        (lab::POTASSIUM, near(44, 3)),
    ];
    let liver = [(lab::ALT, near(31, 7)), (lab::AST, near(27, 5)), (lab::BILIRUBIN, near(7, 2))];
    let blood = [(lab::HEMOGLOBIN, near(124, 5)), (lab::LEUKOCYTES, near(72, 10)), (lab::PLATELETS, near(262, 30))];
    let albumin = near(along(&[(-3640, 22), (-1200, 41), (0, 27)], -ago), 5);
    let mut lines =
        vec![format!("Doaba Diagnostics, Sector 34, Chandigarh. Collected {}.", story.day(ago)), String::new()];
    for (measure, amount) in
        [(lab::HBA1C, sugar), (lab::FASTING, fasting)].iter().chain(&lipids).chain(&kidneys).chain(&blood)
    {
        let value = decimal(*amount, measure.places);
        lines.push(format!("{}: {value} {} [{}]", measure.term.text(), measure.unit, measure.interpretation(*amount)));
    }
    story.paper = Some(story.document(ago, "lab-report", "Annual laboratory report", "Doaba Diagnostics", &lines));
    story.panel(ago, lab::LIPIDS, &lipids);
    story.panel(ago, lab::KIDNEYS, &kidneys);
    story.panel(ago, lab::LIVER, &liver);
    story.panel(ago, lab::BLOOD_COUNT, &blood);
    story.test(ago, lab::ALBUMIN_CREATININE, albumin, None);
    story.paper = None;
    let eye = json!({"text": "Dilated examination of the retina"});
    let outcome = if ago > 1120 { "No retinopathy" } else { "Mild nonproliferative retinopathy, both eyes; unchanged" };
    story.procedure(ago - 9, eye, EYES, outcome);
    story.shot(ago + 30, cvx("141", "Influenza, seasonal, injectable"), None, RAO);
}

/// What is measured and taken at home.
fn at_home(story: &mut Story) {
    for week in 0..156 {
        let ago = week * 7 + 3;
        let (systolic, diastolic) = (along(&[(-1092, 137), (0, 129)], -ago), along(&[(-1092, 82), (0, 77)], -ago));
        let (systolic, diastolic) = (story.dice.near(systolic, 9), story.dice.near(diastolic, 6));
        story.pressure(ago, 7, systolic, diastolic, "at home");
    }
    for reading in 0..104 {
        let ago = reading * 7 / 2 + 1;
        let sugar = story.dice.near(along(&[(-364, 131), (0, 122)], -ago), 16);
        story.meter(ago, 7, lab::CAPILLARY, sugar);
    }
    story.medicine(TELMISARTAN, 5080, None);
    story.medicine(AMLODIPINE, 2300, None);
    story.medicine(ATORVASTATIN, 3200, None);
    story.medicine(DAPAGLIFLOZIN, 1900, None);
    story.medicine(PARACETAMOL, 2180, None);
    story.medicine(METFORMIN_500, 4000, Some((2901, "completed")));
    story.medicine(GLIMEPIRIDE, 2900, Some((1930, "stopped")));
    story.medicine(VITAMIN_D, 830, Some((774, "completed")));
    let metformin = story.medicine(METFORMIN_1000, 2900, None);
    for ago in 0..30 {
        for (hour, missing) in [(8, 3), (20, 9)] {
            let missed = story.dice.chance(missing);
            let body = json!({
                "medication": metformin.to_string(), "at": story.at(ago, hour, 20), "amount": {"value": "1", "unit": "{tbl}"},
                "status": if missed { "missed" } else { "taken" },
            });
            if ago > 0 {
                story.tell(ago, "dose", body);
            }
        }
    }
}

fn events(story: &mut Story) {
    story.condition(URINE, "mild", false, 2440, Some(2428));
    story.visit(2440, RAO, "Burning on passing urine", &[URINE], "Nitrofurantoin for five days; sulfa avoided.");
    story.condition(CATARACT, "moderate", false, 2000, Some(1610));
    let extraction = snomed("54885007", "Extraction of cataract").json();
    story.procedure(1650, extraction.clone(), EYES, "Right eye, lens implanted, no complication");
    story.procedure(1610, extraction, EYES, "Left eye, lens implanted, no complication");
    let lines = [
        "Netra Eye Centre, day surgery.",
        "",
        "Cataract extraction with lens implant, left eye.",
        "No complication. Eye drops as written for four weeks.",
        "Come back at once if the eye hurts, reddens or sees worse.",
    ];
    story.document(
        1610,
        "discharge-summary",
        "Discharge summary: cataract surgery",
        "Dr Vivek Nanda",
        &lines.map(String::from),
    );
    story.visit(
        1930,
        RAO,
        "Shaky and sweating before lunch, twice",
        &[DIABETES],
        "Low glucose on glimepiride, which is stopped. Dapagliflozin begun.",
    );
    story.visit(2200, JOINTS, "Pain in both knees on stairs", &[KNEE], "Exercises shown; paracetamol when needed.");
    story.procedure(2190, snomed("29303009", "Electrocardiographic procedure").json(), RAO, "Sinus rhythm, no change");
    story.procedure(730, snomed("29303009", "Electrocardiographic procedure").json(), RAO, "Sinus rhythm, no change");
    story.test(834, lab::VITAMIN_D, 14, None);
    story.test(700, lab::VITAMIN_D, 36, None);
    story.shot(1300, cvx("33", "Pneumococcal polysaccharide PPV23"), None, RAO);
    story.tell(
        26,
        "symptom-report",
        json!({
            "text": "ਪੌੜੀਆਂ ਚੜ੍ਹਨ ਵੇਲੇ ਗੋਡਿਆਂ ਵਿੱਚ ਦਰਦ ਹੁੰਦਾ ਹੈ।", "language": "pa", "started": story.day(33),
            "items": [{"concept": snomed("30989003", "Knee pain").json(), "severity": "moderate"}],
        }),
    );
    story.note(120, "What helps", "Rice on Sundays only. Walks with Mrs Sethi on Tuesdays and Fridays.");
    let thread = "sugar-before-travel";
    story.tell(
        60,
        "message",
        json!({
            "thread": thread, "from": story.name.clone(), "to": ["Dr Anjali Rao"], "sent_at": story.at(60, 18, 5),
            "text": "We travel to Amritsar for ten days. May I keep the same doses?",
        }),
    );
    story.tell(
        59,
        "message",
        json!({
            "thread": thread, "from": "Dr Anjali Rao", "to": [story.name.clone()], "sent_at": story.at(59, 9, 40),
            "text": "Yes. Drink enough, take the meter with you, and write if a value is above 250 mg/dL.",
        }),
    );
}

fn ahead(story: &mut Story) {
    story.appointment(20, 10, RAO, "follow-up", "Diabetes check-up");
    story.appointment(-9, 10, RAO, "follow-up", "Diabetes check-up with blood test");
    story.appointment(-34, 11, EYES, "examination", "Yearly eye examination");
}
