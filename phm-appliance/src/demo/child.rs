//! The daughter: born nine years ago, vaccinated by India's national schedule with the additions of the Indian Academy
//! of Pediatrics, growing along the median of the World Health Organization (standards of 2006, reference of 2007).

use jiff::civil::Date;
use serde_json::json;

use super::story::{Ago, Medicine, Story, Taken, Who, along};
use super::terms::{Term, cvx, lab, rxnorm, snomed, vital};

const SETHI: Who = Who { name: "Dr Kabir Sethi", speciality: "Paediatrics", organization: "Sukhna Children's Clinic" };
const HOSPITAL: Who = Who { name: "Dr Nidhi Walia", speciality: "Emergency medicine", organization: "Sukhna Hospital" };

const ASTHMA: Term = snomed("233678006", "Childhood asthma");
const EAR: Term = snomed("3110003", "Acute otitis media");
const STOMACH: Term = snomed("25374005", "Gastroenteritis");
const FOREARM: Term = snomed("65966004", "Fracture of forearm");
const ANAPHYLAXIS: Term = snomed("39579001", "Anaphylaxis");

const SYRUP: Taken = Taken { times: 2, unit: "day", as_needed: false, text: "twice a day for seven days" };
const PUFFS: Taken =
    Taken { times: 4, unit: "day", as_needed: true, text: "2 puffs when short of breath, with spacer" };
const TWO_PUFFS: Taken =
    Taken { times: 2, unit: "day", as_needed: false, text: "1 puff morning and evening, with spacer" };

const AMOXICILLIN: Medicine = Medicine {
    drug: rxnorm("723", "Amoxicillin"),
    strength: "250 mg/5 mL",
    form: "oral suspension",
    route: "oral",
    taken: SYRUP,
    reason: "Middle ear infection",
    by: SETHI,
};
const SALBUTAMOL: Medicine = Medicine {
    drug: rxnorm("435", "Albuterol"),
    strength: "100 ug",
    form: "inhaler",
    route: "inhaled",
    taken: PUFFS,
    reason: "Asthma",
    by: SETHI,
};
const BUDESONIDE: Medicine = Medicine {
    drug: rxnorm("19831", "Budesonide"),
    strength: "100 ug",
    form: "inhaler",
    route: "inhaled",
    taken: TWO_PUFFS,
    reason: "Asthma",
    by: SETHI,
};

/// Days of age and what is given then, with the number of the dose.
const SCHEDULE: &[(Ago, &[(Term, u32)])] = &[
    (1, &[(BCG, 1), (ORAL_POLIO, 1), (HEPATITIS_B, 1)]),
    (43, &[(FIVE_IN_ONE, 1), (ORAL_POLIO, 2), (POLIO, 1), (ROTAVIRUS, 1), (PNEUMOCOCCAL, 1)]),
    (72, &[(FIVE_IN_ONE, 2), (ORAL_POLIO, 3), (ROTAVIRUS, 2)]),
    (100, &[(FIVE_IN_ONE, 3), (ORAL_POLIO, 4), (POLIO, 2), (ROTAVIRUS, 3), (PNEUMOCOCCAL, 2)]),
    (190, &[(INFLUENZA, 1)]),
    (220, &[(INFLUENZA, 2)]),
    (278, &[(MEASLES_RUBELLA, 1), (PNEUMOCOCCAL, 3), (TYPHOID, 1)]),
    (370, &[(HEPATITIS_A, 1)]),
    (462, &[(VARICELLA, 1)]),
    (505, &[(MEASLES_RUBELLA, 2), (DTP, 1), (ORAL_POLIO, 5)]),
    (560, &[(HEPATITIS_A, 2)]),
    (1640, &[(VARICELLA, 2)]),
    (1880, &[(DTP, 2), (POLIO, 3)]),
    (2590, &[(INFLUENZA, 3)]),
    (2960, &[(INFLUENZA, 4)]),
];
const BCG: Term = cvx("19", "BCG");
const ORAL_POLIO: Term = cvx("178", "Oral polio vaccine, bivalent");
const POLIO: Term = cvx("10", "Inactivated polio vaccine");
const HEPATITIS_B: Term = cvx("08", "Hepatitis B, pediatric");
const FIVE_IN_ONE: Term = cvx("102", "DTP-Hib-Hepatitis B");
const ROTAVIRUS: Term = cvx("122", "Rotavirus");
const PNEUMOCOCCAL: Term = cvx("133", "Pneumococcal conjugate PCV13");
const MEASLES_RUBELLA: Term = cvx("04", "Measles and rubella");
const TYPHOID: Term = cvx("190", "Typhoid conjugate vaccine");
const HEPATITIS_A: Term = cvx("83", "Hepatitis A, pediatric, 2 doses");
const VARICELLA: Term = cvx("21", "Varicella");
const DTP: Term = cvx("01", "DTP");
const INFLUENZA: Term = cvx("141", "Influenza, seasonal, injectable");

/// Median of girls by age in days: length or height in mm.
const HEIGHT: [(i32, i64); 14] = [
    (0, 491),
    (61, 571),
    (91, 598),
    (183, 657),
    (274, 701),
    (365, 740),
    (548, 807),
    (730, 857),
    (1096, 951),
    (1461, 1027),
    (1826, 1094),
    (2191, 1151),
    (2922, 1266),
    (3652, 1386),
];
/// Median of girls by age in days: weight in 100 g.
const WEIGHT: [(i32, i64); 14] = [
    (0, 32),
    (61, 51),
    (91, 58),
    (183, 73),
    (274, 82),
    (365, 89),
    (548, 102),
    (730, 115),
    (1096, 139),
    (1461, 161),
    (1826, 182),
    (2191, 202),
    (2922, 250),
    (3652, 319),
];
/// Median of girls by age in days: head circumference in mm.
const HEAD: [(i32, i64); 5] = [(0, 339), (91, 395), (183, 422), (365, 449), (730, 472)];

/// Tells her history; she was born `age` days ago.
pub(super) fn tell(story: &mut Story, born: Date, today: Date) {
    let age = (today - born).get_days();
    for (day, shots) in SCHEDULE.iter().filter(|(day, _)| *day <= age) {
        let late = if *day == 1 { 0 } else { i32::try_from(story.dice.below(6)).expect("below six") };
        let ago = (age - day - late).max(0);
        for (vaccine, dose) in *shots {
            story.shot(ago, *vaccine, Some(*dose), SETHI);
        }
    }
    let infancy = [0, 14, 43, 72, 100, 183, 274, 365, 462, 548, 730];
    let later = (1..).map(|half| 730 + half * 183).take_while(|day| *day < age);
    for day in infancy.into_iter().chain(later) {
        grow(story, day, age - day);
    }
    illnesses(story);
    story.relative("paternal grandmother", &[snomed("44054006", "Type 2 diabetes mellitus")], false);
    story.relative("mother", &[snomed("40930008", "Hypothyroidism")], false);
    story.appointment(-16, 17, SETHI, "check-up", "Asthma check, growth, influenza vaccine");
    story.note(
        75,
        "For school",
        "Blue inhaler and adrenaline pen are in the front pocket of her bag. No cashew, no pistachio.",
    );
}

fn grow(story: &mut Story, day: i32, ago: Ago) {
    // She stands a little above the median, as her mother did.
    let height = along(&HEIGHT, day) * 101 / 100;
    let weight = story.dice.near(along(&WEIGHT, day) * 102 / 100, if day < 100 { 2 } else { 5 });
    story.vital(ago, 11, vital::HEIGHT, height);
    if day < 730 {
        story.vital(ago, 11, vital::WEIGHT, weight);
        story.vital(ago, 11, vital::HEAD, along(&HEAD, day));
    } else {
        story.weight(ago, weight, height);
    }
    story.visit(ago, SETHI, "Well-child visit", &[], "Growing and developing as expected.");
}

fn illnesses(story: &mut Story) {
    story.condition(ASTHMA, "mild", true, 1820, None);
    let reaction = (ANAPHYLAXIS, "severe");
    story.allergy(snomed("227493005", "Cashew nut"), "food", "high", reaction, 1290);
    story.medicine(SALBUTAMOL, 1815, None);
    story.medicine(BUDESONIDE, 640, None);
    story.visit(
        1820,
        SETHI,
        "Cough at night and when running",
        &[ASTHMA],
        "Wheeze on both sides, gone after salbutamol.",
    );
    story.visit(640, SETHI, "Wheezing twice a week", &[ASTHMA], "Budesonide every day until spring; technique shown.");
    story.visit(
        1290,
        HOSPITAL,
        "Swollen lips and wheeze after a sweet with cashew",
        &[ANAPHYLAXIS],
        "Adrenaline given, watched for eight hours. Pen prescribed, family shown how to use it.",
    );
    for oxygen in [(1290, 10, 91), (1290, 12, 97), (640, 17, 95)] {
        story.vital(oxygen.0, oxygen.1, vital::OXYGEN, oxygen.2);
    }
    for ago in [2790, 2510, 2200] {
        story.condition(EAR, "mild", false, ago, Some(ago - 9));
        let visit = story.visit(ago, SETHI, "Ear pain and fever", &[EAR], "Red, bulging eardrum.");
        story.vital(ago, 18, vital::TEMPERATURE, 388);
        story.prescription(ago, visit, &[AMOXICILLIN]);
        story.medicine(AMOXICILLIN, ago, Some((ago - 7, "completed")));
    }
    for ago in [2650, 1905, 940] {
        story.condition(STOMACH, "mild", false, ago, Some(ago - 4));
        story.visit(
            ago,
            SETHI,
            "Vomiting and loose stools",
            &[STOMACH],
            "Oral rehydration solution and zinc; no dehydration.",
        );
    }
    story.condition(FOREARM, "moderate", false, 410, Some(365));
    story.procedure(410, json!({"text": "Plaster cast of the left forearm"}), HOSPITAL, "Good position");
    let lines = [
        "Sukhna Hospital, Radiology.",
        "",
        "Left forearm in two planes.",
        "Undisplaced fracture of the distal radius. Growth plate intact.",
        "Control in one week.",
    ];
    let film =
        story.document(410, "imaging", "X-ray of the left forearm: report", "Dr Nidhi Walia", &lines.map(String::from));
    let fall = json!({
        "start": story.at(410, 18, 10), "end": story.at(410, 20, 30), "type": "emergency", "status": "finished",
        "provider": HOSPITAL.json(), "chief_complaint": "Fell from the swing on the left arm", "diagnoses": [FOREARM.json()],
        "documents": [film.to_string()], "notes": "Plaster for five weeks.",
    });
    story.tell(410, "visit", fall);
    story.note(409, "Plaster", "To be kept dry. Everyone in class has signed it.");
    story.panel(1289, lab::BLOOD_COUNT, &[(lab::HEMOGLOBIN, 121), (lab::LEUKOCYTES, 94), (lab::PLATELETS, 312)]);
}
