### Kinds of records, their lists, pages and forms.

## Kinds: one record, a list of them, and the button that adds one

kind-profile = Profile
kinds-profile = Profiles
kind-lab-result = Lab result
kinds-lab-result = Lab results
kind-vital-sign = Measurement
kinds-vital-sign = Vital signs
kind-medication = Medication
kinds-medication = Medications
kind-condition = Condition
kinds-condition = Conditions
kind-allergy = Allergy
kinds-allergy = Allergies
kind-visit = Visit
kinds-visit = Visits
kind-appointment = Appointment
kinds-appointment = Appointments
kind-immunization = Immunization
kinds-immunization = Immunizations
kind-procedure = Procedure
kinds-procedure = Procedures
kind-document = Document
kinds-document = Documents
kind-prescription = Prescription
kinds-prescription = Prescriptions
kind-dose = Dose taken
kinds-dose = Dose log
kind-symptom-report = Symptom report
kinds-symptom-report = Symptom reports
kind-family-history = Illness in the family
kinds-family-history = Family history
kind-care-plan = Care plan
kinds-care-plan = Care plans
kind-insurance = Insurance
kinds-insurance = Insurance
kind-device = Device
kinds-device = Devices
kind-note = Note
kinds-note = Notes
kind-message = Message
kinds-message = Messages
kind-series = Series of measurements
kinds-series = Series of measurements
kind-fhir-resource = Other imported record
kinds-fhir-resource = Other imported records
add-record = Add
add-lab-result = Add lab result
add-vital-sign = Add measurement
add-medication = Add medication
add-condition = Add condition
add-allergy = Add allergy
add-visit = Add visit
add-appointment = Add appointment
add-immunization = Add immunization
add-procedure = Add procedure
add-document = Add document
add-dose = Write down a dose
add-heading = What would you like to add?
add-often = Often added
quick-add = Quick start
preset-blood-pressure = Blood pressure
preset-weight = Weight
preset-pulse = Pulse
preset-temperature = Temperature
preset-oxygen = Oxygen saturation
preset-height = Height
preset-hba1c = HbA1c
preset-glucose-fasting = Fasting glucose
preset-cholesterol = Total cholesterol
preset-creatinine = Creatinine
preset-haemoglobin = Haemoglobin
preset-tsh = TSH

## Lists

search-label = Search
any-status = Any status
filter-apply = Apply
filter-clear = Show all
list-empty = Nothing here yet.
list-nothing-found = Nothing found.
timeline-filter = Kinds shown
timeline-empty = Nothing in the timeline yet.
timeline-undated = Without a date

## One record

reference-range = Reference range { $range }
range-between = { $low } to { $high }
range-at-least = from { $low }
range-at-most = up to { $high }
link-open-record = Open the record
source-heading = Where this comes from
source-typed = Written here by hand.
source-import = Taken from an imported file.
source-document = Read from a document.
source-document-page = Read from a document, page { $page }.
source-device = Measured by a device.
source-plugin = Suggested by { $plugin } and accepted here.
source-file = File
source-recorded = Recorded
source-changed = Last changed
source-version = Version
codes-heading = Medical codes
original = Original
history = History
record-is-removed = This record was removed. It can be brought back.
remove-explained = The record leaves all lists. Its history stays, and you can bring it back.
remove-yes = Remove this record
history-lead = Every version is kept. Restoring one makes a new version of it.
history-current = Current
history-create = { $actor } added this record
history-amend = { $actor } changed this record
history-remove = { $actor } removed this record
history-restore = { $actor } restored this record
history-taken-out = taken out
restore-this = Restore this version

## Forms

form-edit = Edit { $name }
form-check-fields = Some fields need another look.
form-conflict = Somebody changed this record while you were writing. Compare, then save again.
one-more-row = One more row
comparator = Exactly, less or more
range-low = low
range-high = high
range-low-label = Lower end of the reference range
range-high-label = Upper end of the reference range
range-text = Reference range in words
section-more = More details
section-how-often = How often
section-when-and-why = When and why

## The samples of a series

series-range = Time shown
series-day = Day
series-week = Week
series-month = Month
series-year = Year
series-days = { $from } to { $to }
series-chart = Measurements, { $days }
series-mean = Mean of what is shown
series-bounds = from { $low } to { $high }
series-none = No measurements in this time.
series-earlier = Earlier
series-later = Later
series-column-mean = Mean
series-column-low = Lowest
series-column-high = Highest
series-column-count = Measurements
