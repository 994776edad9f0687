// Files the journeys make themselves: an invented patient as FHIR, a page of PDF, a picture.

import { deflateSync } from "node:zlib";

const loinc = (code, display) => ({ coding: [{ system: "http://loinc.org", code, display }], text: display });

/** A FHIR bundle about one invented person: a patient, a condition, two laboratory results and a vaccination. */
export function bundle({ family = "Sandhu", given = "Jasleen" } = {}) {
  const about = { reference: "urn:uuid:5b7a1c52-6d7e-4a5e-9d0b-1f0f5d9b8a01" };
  const laboratory = [{ coding: [{ system: "http://terminology.hl7.org/CodeSystem/observation-category", code: "laboratory" }] }];
  const result = (id, code, value, unit, on) => ({
    resourceType: "Observation",
    id,
    status: "final",
    category: laboratory,
    code,
    subject: about,
    effectiveDateTime: on,
    valueQuantity: { value, unit, system: "http://unitsofmeasure.org", code: unit },
  });
  const resources = [
    {
      resourceType: "Patient",
      id: "5b7a1c52-6d7e-4a5e-9d0b-1f0f5d9b8a01",
      name: [{ family, given: [given] }],
      gender: "female",
      birthDate: "1984-02-17",
    },
    {
      resourceType: "Condition",
      id: "c1",
      clinicalStatus: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/condition-clinical", code: "active" }] },
      code: { coding: [{ system: "http://snomed.info/sct", code: "40930008", display: "Hypothyroidism" }], text: "Hypothyroidism" },
      subject: about,
      onsetDateTime: "2019-05",
    },
    result("o1", loinc("3016-3", "Thyrotropin"), 6.8, "m[IU]/L", "2026-03-02T09:15:00+05:30"),
    result("o2", loinc("718-7", "Hemoglobin"), 12.4, "g/dL", "2026-03-02T09:15:00+05:30"),
    {
      resourceType: "Immunization",
      id: "i1",
      status: "completed",
      vaccineCode: { coding: [{ system: "http://hl7.org/fhir/sid/cvx", code: "140", display: "Influenza vaccine" }], text: "Influenza vaccine" },
      patient: about,
      occurrenceDateTime: "2025-10-11",
    },
  ];
  const entry = resources.map((resource) => ({ fullUrl: `urn:uuid:${resource.id}`, resource }));
  return JSON.stringify({ resourceType: "Bundle", type: "collection", entry });
}

/** One page of PDF that says `text`. */
export function pdf(text = "Invented report") {
  const drawing = `BT /F1 24 Tf 72 720 Td (${text}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let file = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const place = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = file.length;
  const rows = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  return Buffer.from(`${file}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`, "latin1");
}

/** A square picture in one colour. */
export function png(side = 48, [red, green, blue] = [52, 64, 140]) {
  const row = Buffer.concat([Buffer.of(0), Buffer.concat(Array.from({ length: side }, () => Buffer.of(red, green, blue)))]);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => row)));
  const signature = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(checksum(body), body.length + 4);
  return framed;
}

/** CRC-32 as PNG wants it. */
function checksum(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
