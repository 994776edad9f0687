### Kinds of records, their lists, pages and forms.

## Kinds: one record, a list of them, and the button that adds one

kind-profile = प्रोफ़ाइल
kinds-profile = प्रोफ़ाइल
kind-lab-result = लैब परिणाम
kinds-lab-result = लैब परिणाम
kind-vital-sign = माप
kinds-vital-sign = जीवन-चिह्न
kind-medication = दवा
kinds-medication = दवाएँ
kind-condition = रोग
kinds-condition = रोग
kind-allergy = एलर्जी
kinds-allergy = एलर्जी
kind-visit = डॉक्टरी भेंट
kinds-visit = डॉक्टरी भेंटें
kind-appointment = मुलाक़ात
kinds-appointment = मुलाक़ातें
kind-immunization = टीका
kinds-immunization = टीके
kind-procedure = प्रक्रिया
kinds-procedure = प्रक्रियाएँ
kind-document = दस्तावेज़
kinds-document = दस्तावेज़
kind-prescription = नुस्ख़ा
kinds-prescription = नुस्ख़े
kind-dose = ली गई ख़ुराक
kinds-dose = ख़ुराक सूची
kind-symptom-report = लक्षण विवरण
kinds-symptom-report = लक्षण विवरण
kind-family-history = पारिवारिक रोग
kinds-family-history = पारिवारिक इतिहास
kind-care-plan = देखभाल योजना
kinds-care-plan = देखभाल योजनाएँ
kind-insurance = बीमा
kinds-insurance = बीमा
kind-device = उपकरण
kinds-device = उपकरण
kind-note = टिप्पणी
kinds-note = टिप्पणियाँ
kind-message = संदेश
kinds-message = संदेश
kind-series = मापों की शृंखला
kinds-series = मापों की शृंखलाएँ
kind-fhir-resource = अन्य आयातित रिकॉर्ड
kinds-fhir-resource = अन्य आयातित रिकॉर्ड
add-record = जोड़ें
add-lab-result = लैब परिणाम जोड़ें
add-vital-sign = माप जोड़ें
add-medication = दवा जोड़ें
add-condition = रोग जोड़ें
add-allergy = एलर्जी जोड़ें
add-visit = भेंट जोड़ें
add-appointment = मुलाक़ात जोड़ें
add-immunization = टीका जोड़ें
add-procedure = प्रक्रिया जोड़ें
add-document = दस्तावेज़ जोड़ें
add-dose = ख़ुराक दर्ज करें
add-heading = आप क्या जोड़ना चाहेंगे?
add-often = अक्सर जोड़े जाने वाले
quick-add = झटपट शुरुआत
preset-blood-pressure = रक्तचाप
preset-weight = वज़न
preset-pulse = नाड़ी
preset-temperature = तापमान
preset-oxygen = ऑक्सीजन स्तर
preset-height = क़द
preset-hba1c = HbA1c
preset-glucose-fasting = ख़ाली पेट शुगर
preset-cholesterol = कुल कोलेस्ट्रॉल
preset-creatinine = क्रिएटिनिन
preset-haemoglobin = हीमोग्लोबिन
preset-tsh = TSH

## Lists

search-label = खोजें
any-status = कोई भी स्थिति
filter-apply = लागू करें
filter-clear = सब दिखाएँ
list-empty = यहाँ अभी कुछ नहीं।
list-nothing-found = कुछ नहीं मिला।
timeline-filter = दिखाए गए प्रकार
timeline-empty = समयरेखा में अभी कुछ नहीं।
timeline-undated = बिना तारीख

## One record

reference-range = सामान्य सीमा { $range }
range-between = { $low } से { $high }
range-at-least = { $low } से ऊपर
range-at-most = { $high } तक
link-open-record = रिकॉर्ड खोलें
source-heading = यह कहाँ से आया
source-typed = यहाँ हाथ से लिखा गया।
source-import = आयात की गई फ़ाइल से लिया गया।
source-document = दस्तावेज़ से पढ़ा गया।
source-document-page = दस्तावेज़ के पृष्ठ { $page } से पढ़ा गया।
source-device = उपकरण से मापा गया।
source-plugin = { $plugin } का सुझाव, यहाँ स्वीकार किया गया।
source-file = फ़ाइल
source-recorded = दर्ज
source-changed = पिछला बदलाव
source-version = संस्करण
codes-heading = चिकित्सा कोड
original = मूल
history = इतिहास
record-is-removed = यह रिकॉर्ड हटाया गया है। इसे वापस लाया जा सकता है।
remove-explained = रिकॉर्ड सभी सूचियों से हट जाता है। उसका इतिहास रहता है, और आप उसे वापस ला सकते हैं।
remove-yes = यह रिकॉर्ड हटाएँ
history-lead = हर संस्करण रखा जाता है। किसी को वापस लाने से उसका नया संस्करण बनता है।
history-current = वर्तमान
history-create = { $actor } ने यह रिकॉर्ड जोड़ा
history-amend = { $actor } ने यह रिकॉर्ड बदला
history-remove = { $actor } ने यह रिकॉर्ड हटाया
history-restore = { $actor } यह रिकॉर्ड वापस लाए
history-taken-out = हटाया गया
restore-this = यह संस्करण वापस लाएँ

## Forms

form-edit = { $name } बदलें
form-check-fields = कुछ खाने फिर से देखें।
form-conflict = आपके लिखते समय किसी ने यह रिकॉर्ड बदल दिया। मिलाकर देखें, फिर सहेजें।
one-more-row = एक और पंक्ति
comparator = ठीक, कम या अधिक
range-low = न्यूनतम
range-high = अधिकतम
range-low-label = सामान्य सीमा का निचला सिरा
range-high-label = सामान्य सीमा का ऊपरी सिरा
range-text = सामान्य सीमा शब्दों में
section-more = और जानकारी
section-how-often = कितनी बार
section-when-and-why = कब और क्यों

## The samples of a series

series-range = दिखाई गई अवधि
series-day = दिन
series-week = सप्ताह
series-month = महीना
series-year = वर्ष
series-days = { $from } से { $to } तक
series-chart = माप, { $days }
series-mean = दिखाए गए मापों का औसत
series-bounds = { $low } से { $high } तक
series-none = इस अवधि में कोई माप नहीं।
series-earlier = पहले के
series-later = बाद के
series-column-mean = औसत
series-column-low = सबसे कम
series-column-high = सबसे अधिक
series-column-count = मापों की संख्या
