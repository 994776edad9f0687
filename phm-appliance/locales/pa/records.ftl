### Kinds of records, their lists, pages and forms.

## Kinds: one record, a list of them, and the button that adds one

kind-profile = ਪ੍ਰੋਫ਼ਾਈਲ
kinds-profile = ਪ੍ਰੋਫ਼ਾਈਲ
kind-lab-result = ਲੈਬ ਨਤੀਜਾ
kinds-lab-result = ਲੈਬ ਨਤੀਜੇ
kind-vital-sign = ਮਾਪ
kinds-vital-sign = ਜੀਵਨ-ਚਿੰਨ੍ਹ
kind-medication = ਦਵਾਈ
kinds-medication = ਦਵਾਈਆਂ
kind-condition = ਰੋਗ
kinds-condition = ਰੋਗ
kind-allergy = ਐਲਰਜੀ
kinds-allergy = ਐਲਰਜੀਆਂ
kind-visit = ਡਾਕਟਰੀ ਫੇਰੀ
kinds-visit = ਡਾਕਟਰੀ ਫੇਰੀਆਂ
kind-appointment = ਮੁਲਾਕਾਤ
kinds-appointment = ਮੁਲਾਕਾਤਾਂ
kind-immunization = ਟੀਕਾ
kinds-immunization = ਟੀਕੇ
kind-procedure = ਪ੍ਰਕਿਰਿਆ
kinds-procedure = ਪ੍ਰਕਿਰਿਆਵਾਂ
kind-document = ਦਸਤਾਵੇਜ਼
kinds-document = ਦਸਤਾਵੇਜ਼
kind-prescription = ਨੁਸਖ਼ਾ
kinds-prescription = ਨੁਸਖ਼ੇ
kind-dose = ਲਈ ਗਈ ਖ਼ੁਰਾਕ
kinds-dose = ਖ਼ੁਰਾਕ ਸੂਚੀ
kind-symptom-report = ਲੱਛਣ ਵੇਰਵਾ
kinds-symptom-report = ਲੱਛਣ ਵੇਰਵੇ
kind-family-history = ਪਰਿਵਾਰਕ ਰੋਗ
kinds-family-history = ਪਰਿਵਾਰਕ ਇਤਿਹਾਸ
kind-care-plan = ਦੇਖਭਾਲ ਯੋਜਨਾ
kinds-care-plan = ਦੇਖਭਾਲ ਯੋਜਨਾਵਾਂ
kind-insurance = ਬੀਮਾ
kinds-insurance = ਬੀਮਾ
kind-device = ਉਪਕਰਣ
kinds-device = ਉਪਕਰਣ
kind-note = ਨੋਟ
kinds-note = ਨੋਟ
kind-message = ਸੁਨੇਹਾ
kinds-message = ਸੁਨੇਹੇ
kind-series = ਮਾਪਾਂ ਦੀ ਲੜੀ
kinds-series = ਮਾਪਾਂ ਦੀਆਂ ਲੜੀਆਂ
kind-fhir-resource = ਹੋਰ ਆਯਾਤ ਰਿਕਾਰਡ
kinds-fhir-resource = ਹੋਰ ਆਯਾਤ ਰਿਕਾਰਡ
add-record = ਜੋੜੋ
add-lab-result = ਲੈਬ ਨਤੀਜਾ ਜੋੜੋ
add-vital-sign = ਮਾਪ ਜੋੜੋ
add-medication = ਦਵਾਈ ਜੋੜੋ
add-condition = ਰੋਗ ਜੋੜੋ
add-allergy = ਐਲਰਜੀ ਜੋੜੋ
add-visit = ਫੇਰੀ ਜੋੜੋ
add-appointment = ਮੁਲਾਕਾਤ ਜੋੜੋ
add-immunization = ਟੀਕਾ ਜੋੜੋ
add-procedure = ਪ੍ਰਕਿਰਿਆ ਜੋੜੋ
add-document = ਦਸਤਾਵੇਜ਼ ਜੋੜੋ
add-dose = ਖ਼ੁਰਾਕ ਦਰਜ ਕਰੋ
add-heading = ਤੁਸੀਂ ਕੀ ਜੋੜਨਾ ਚਾਹੋਗੇ?
add-often = ਅਕਸਰ ਜੋੜੇ ਜਾਂਦੇ
quick-add = ਝੱਟ ਸ਼ੁਰੂਆਤ
preset-blood-pressure = ਖ਼ੂਨ ਦਾ ਦਬਾਅ
preset-weight = ਭਾਰ
preset-pulse = ਨਬਜ਼
preset-temperature = ਤਾਪਮਾਨ
preset-oxygen = ਆਕਸੀਜਨ ਪੱਧਰ
preset-height = ਕੱਦ
preset-hba1c = HbA1c
preset-glucose-fasting = ਖ਼ਾਲੀ ਪੇਟ ਸ਼ੂਗਰ
preset-cholesterol = ਕੁੱਲ ਕੋਲੈਸਟ੍ਰੋਲ
preset-creatinine = ਕ੍ਰੀਏਟਿਨਿਨ
preset-haemoglobin = ਹੀਮੋਗਲੋਬਿਨ
preset-tsh = TSH

## Lists

search-label = ਖੋਜੋ
any-status = ਕੋਈ ਵੀ ਸਥਿਤੀ
filter-apply = ਲਾਗੂ ਕਰੋ
filter-clear = ਸਭ ਦਿਖਾਓ
list-empty = ਇੱਥੇ ਹਾਲੇ ਕੁਝ ਨਹੀਂ।
list-nothing-found = ਕੁਝ ਨਹੀਂ ਮਿਲਿਆ।
timeline-filter = ਦਿਖਾਈਆਂ ਕਿਸਮਾਂ
timeline-empty = ਸਮਾਂ-ਰੇਖਾ ਵਿੱਚ ਹਾਲੇ ਕੁਝ ਨਹੀਂ।
timeline-undated = ਬਿਨਾਂ ਤਾਰੀਖ

## One record

reference-range = ਆਮ ਸੀਮਾ { $range }
range-between = { $low } ਤੋਂ { $high }
range-at-least = { $low } ਤੋਂ ਉੱਪਰ
range-at-most = { $high } ਤੱਕ
link-open-record = ਰਿਕਾਰਡ ਖੋਲ੍ਹੋ
source-heading = ਇਹ ਕਿੱਥੋਂ ਆਇਆ
source-typed = ਇੱਥੇ ਹੱਥੀਂ ਲਿਖਿਆ ਗਿਆ।
source-import = ਆਯਾਤ ਕੀਤੀ ਫ਼ਾਈਲ ਤੋਂ ਲਿਆ ਗਿਆ।
source-document = ਦਸਤਾਵੇਜ਼ ਤੋਂ ਪੜ੍ਹਿਆ ਗਿਆ।
source-document-page = ਦਸਤਾਵੇਜ਼ ਦੇ ਪੰਨੇ { $page } ਤੋਂ ਪੜ੍ਹਿਆ ਗਿਆ।
source-device = ਉਪਕਰਣ ਨਾਲ ਮਾਪਿਆ ਗਿਆ।
source-plugin = { $plugin } ਦਾ ਸੁਝਾਅ, ਇੱਥੇ ਮੰਨਿਆ ਗਿਆ।
source-file = ਫ਼ਾਈਲ
source-recorded = ਦਰਜ
source-changed = ਪਿਛਲੀ ਤਬਦੀਲੀ
source-version = ਸੰਸਕਰਣ
codes-heading = ਡਾਕਟਰੀ ਕੋਡ
original = ਮੂਲ
history = ਇਤਿਹਾਸ
record-is-removed = ਇਹ ਰਿਕਾਰਡ ਹਟਾਇਆ ਗਿਆ ਹੈ। ਇਸਨੂੰ ਵਾਪਸ ਲਿਆਂਦਾ ਜਾ ਸਕਦਾ ਹੈ।
remove-explained = ਰਿਕਾਰਡ ਸਾਰੀਆਂ ਸੂਚੀਆਂ ਵਿੱਚੋਂ ਹਟ ਜਾਂਦਾ ਹੈ। ਉਸਦਾ ਇਤਿਹਾਸ ਰਹਿੰਦਾ ਹੈ, ਅਤੇ ਤੁਸੀਂ ਉਸਨੂੰ ਵਾਪਸ ਲਿਆ ਸਕਦੇ ਹੋ।
remove-yes = ਇਹ ਰਿਕਾਰਡ ਹਟਾਓ
history-lead = ਹਰ ਸੰਸਕਰਣ ਰੱਖਿਆ ਜਾਂਦਾ ਹੈ। ਕਿਸੇ ਨੂੰ ਵਾਪਸ ਲਿਆਉਣ ਨਾਲ ਉਸਦਾ ਨਵਾਂ ਸੰਸਕਰਣ ਬਣਦਾ ਹੈ।
history-current = ਮੌਜੂਦਾ
history-create = { $actor } ਨੇ ਇਹ ਰਿਕਾਰਡ ਜੋੜਿਆ
history-amend = { $actor } ਨੇ ਇਹ ਰਿਕਾਰਡ ਬਦਲਿਆ
history-remove = { $actor } ਨੇ ਇਹ ਰਿਕਾਰਡ ਹਟਾਇਆ
history-restore = { $actor } ਇਹ ਰਿਕਾਰਡ ਵਾਪਸ ਲਿਆਏ
history-taken-out = ਹਟਾਇਆ ਗਿਆ
restore-this = ਇਹ ਸੰਸਕਰਣ ਵਾਪਸ ਲਿਆਓ

## Forms

form-edit = { $name } ਬਦਲੋ
form-check-fields = ਕੁਝ ਖਾਨੇ ਫਿਰ ਦੇਖੋ।
form-conflict = ਤੁਹਾਡੇ ਲਿਖਦੇ ਸਮੇਂ ਕਿਸੇ ਨੇ ਇਹ ਰਿਕਾਰਡ ਬਦਲ ਦਿੱਤਾ। ਮਿਲਾ ਕੇ ਦੇਖੋ, ਫਿਰ ਸੰਭਾਲੋ।
one-more-row = ਇੱਕ ਹੋਰ ਕਤਾਰ
comparator = ਠੀਕ, ਘੱਟ ਜਾਂ ਵੱਧ
range-low = ਘੱਟੋ-ਘੱਟ
range-high = ਵੱਧੋ-ਵੱਧ
range-low-label = ਆਮ ਸੀਮਾ ਦਾ ਹੇਠਲਾ ਸਿਰਾ
range-high-label = ਆਮ ਸੀਮਾ ਦਾ ਉੱਪਰਲਾ ਸਿਰਾ
range-text = ਆਮ ਸੀਮਾ ਸ਼ਬਦਾਂ ਵਿੱਚ
section-more = ਹੋਰ ਜਾਣਕਾਰੀ
section-how-often = ਕਿੰਨੀ ਵਾਰ
section-when-and-why = ਕਦੋਂ ਅਤੇ ਕਿਉਂ

## The samples of a series

series-range = ਦਿਖਾਇਆ ਸਮਾਂ
series-day = ਦਿਨ
series-week = ਹਫ਼ਤਾ
series-month = ਮਹੀਨਾ
series-year = ਸਾਲ
series-days = { $from } ਤੋਂ { $to } ਤੱਕ
series-chart = ਮਾਪ, { $days }
series-mean = ਦਿਖਾਏ ਮਾਪਾਂ ਦੀ ਔਸਤ
series-bounds = { $low } ਤੋਂ { $high } ਤੱਕ
series-none = ਇਸ ਸਮੇਂ ਵਿੱਚ ਕੋਈ ਮਾਪ ਨਹੀਂ।
series-earlier = ਪਹਿਲਾਂ ਦੇ
series-later = ਬਾਅਦ ਦੇ
series-column-mean = ਔਸਤ
series-column-low = ਸਭ ਤੋਂ ਘੱਟ
series-column-high = ਸਭ ਤੋਂ ਵੱਧ
series-column-count = ਮਾਪਾਂ ਦੀ ਗਿਣਤੀ
