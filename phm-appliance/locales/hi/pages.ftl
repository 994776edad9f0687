### The other pages.

people-heading = सभी लोग
people-add = व्यक्ति जोड़ें
people-none = यहाँ अभी कोई नहीं।
relation-self = आप
relation-owner = स्वामी
relation-guardian = अभिभावक
relation-carer = देखभालकर्ता

## Documents

drop-here = फ़ाइल यहाँ छोड़ें, या चुनें
drop-kinds = PDF या तस्वीर
take-photo = फ़ोटो लें
document-file = फ़ाइल
document-view = देखें
document-download = डाउनलोड करें
document-elsewhere = फ़ाइल इस रिकॉर्ड के साथ नहीं आई।

## Import

import-heading = आयात
import-lead = अस्पताल, प्रयोगशाला या दूसरे प्रोग्राम से रिकॉर्ड लाएँ। पहले आप सब देखेंगे; आपके कहने तक कुछ नहीं लिखा जाता।
import-choose = फ़ाइल यहाँ छोड़ें, या चुनें
import-formats = FHIR R4: .json, .ndjson, .gz, .tar.gz या .zip भी
import-check = फ़ाइल जाँचें
import-before = पिछले आयात
import-none = अभी कोई आयात नहीं।
import-about = { $names } के बारे में
import-added = { $count ->
    [one] { $count } रिकॉर्ड जोड़ा गया
   *[other] { $count } रिकॉर्ड जोड़े गए
}
import-state-checking = जाँच हो रही है
import-state-preview = पूर्वावलोकन
import-state-importing = आयात हो रहा है
import-state-done = आयात हुआ
import-state-failed = विफल
import-state-undone = वापस लिया गया
import-progress = { $total } में से { $done }
import-preview-lead = फ़ाइल में यह है। अभी कुछ नहीं लिखा गया है।
import-holds = फ़ाइल में
import-balance = इससे क्या बदलेगा
import-row-added = नए
import-row-updated = नए संस्करण
import-row-unchanged = पहले से मौजूद
import-row-older = आपके पास के संस्करण से पुराने
import-row-conflicts = आपने भी बदले; दोनों रखे जाएँगे
import-row-skipped = छोड़े गए
import-confirm = ये रिकॉर्ड आयात करें
import-see = समयरेखा देखें
import-undo = यह आयात वापस लें
import-undo-explained = इस आयात के सभी रिकॉर्ड सूचियों से हट जाएँगे। बाद में आपने जो हाथ से बदला, वह रहेगा। जो रिकॉर्ड किसी बाद की फ़ाइल में केवल दोहराए गए थे, वे भी हटेंगे; उन्हें वापस पाने के लिए वह फ़ाइल फिर आयात करें।
import-undo-yes = वापस लें
import-refused = { $count ->
    [one] { $count } प्रविष्टि नहीं ली जा सकती
   *[other] { $count } प्रविष्टियाँ नहीं ली जा सकतीं
}
import-refused-lead = फ़ाइल पूरी ली जाती है या बिल्कुल नहीं। ये जगहें सुधारकर फिर कोशिश करें।
import-entry = प्रविष्टि
import-place = जगह
import-reason = कारण

## Who looked

who-looked-lead = हर बार देखना और हर बदलाव यहाँ लिखा जाता है और मिटाया नहीं जा सकता।
who-looked-none = अभी किसी ने नहीं देखा।
actor-operator = इस मशीन का संचालक
audit-everything = सब कुछ
audit-refused = मना किया
audit-part = { $what } { $count }
time-span = { $from }–{ $to }
audit-read = देखा: { $records }
audit-add = जोड़ा: { $records }
audit-amend = बदला: { $records }
audit-remove = हटाया: { $records }
audit-restore = वापस लाया: { $records }
audit-rectify = पूरी तरह मिटाया: { $records }
audit-import = आयात किया: { $records }
audit-export = निर्यात किया: { $records }
audit-share = साझा किया: { $records }
audit-other = उपयोग किया: { $records }
purpose-self = अपना उपयोग
purpose-care = देखभाल
purpose-operation = मशीन का संचालन
purpose-making-the-demo-household = नमूना परिवार बनाना

## Settings

settings-digits = अंक
settings-digits-help = पन्नों पर संख्याएँ कैसे लिखी जाएँ। लिखते समय दोनों चलते हैं।
settings-zone = समय क्षेत्र
settings-zone-auto = इस उपकरण और घर जैसा: { $zone }
settings-zone-help = अपॉइंटमेंट और किसने देखा के समय इसी में दिखते हैं। कुछ फ़ोन अपना क्षेत्र नहीं बताते; तब यहाँ चुनें।
settings-theme = रंग
theme-auto = उपकरण जैसा
theme-light = हल्के
theme-dark = गहरे
settings-devices = साइन इन किए उपकरण
settings-this-device = यह उपकरण
settings-end-session = वहाँ साइन आउट करें
settings-saved = सहेजा गया।

## Administration

admin-lead = मशीन की स्थिति। यहाँ से किसी के रिकॉर्ड नहीं पढ़े जा सकते।
admin-checks = जाँचें
admin-accounts = खाते
admin-settings = लागू सेटिंग
admin-people = लोग
admin-records = रिकॉर्ड
admin-documents = दस्तावेज़
admin-space = उपयोग की गई जगह
admin-version = संस्करण
column-setting = सेटिंग
column-source = कहाँ से
role-admin = प्रशासक
role-patient = रोगी
role-provider = चिकित्सक
role-pharmacist = फ़ार्मासिस्ट
role-lab = प्रयोगशाला
role-front-desk = स्वागत डेस्क
notice-saved = सहेजा गया।
notice-removed = हटाया गया। इतिहास से इसे वापस ला सकते हैं।
notice-restored = वापस लाया गया।
import-whose = ये रिकॉर्ड किसके हैं?
import-for = { $name } के लिए
import-for-new = फ़ाइल में लिखे लोगों के लिए
import-as-new-person = इसके लिए नया व्यक्ति बनाएँ
import-as-this-person = ये { $name } के रिकॉर्ड हैं
import-error = फ़ाइल नहीं ली जा सकी। कुछ नहीं लिखा गया।
import-error-other-patient = यह फ़ाइल किसी और के बारे में है। कुछ नहीं लिखा गया।
import-error-shared-id = इस फ़ाइल की एक पहचान संख्या दो लोगों की है, जिनके नाम और जन्मतिथियाँ अलग हैं। कुछ नहीं लिखा गया, ताकि रिकॉर्ड आपस में न मिल जाएँ। फ़ाइल जिनके बारे में है उन्हें जोड़ें, और फ़ाइल उनके पन्ने पर आयात करें।
import-error-invalid-input = इस फ़ाइल के कुछ भाग पढ़े नहीं जा सकते। कुछ नहीं लिखा गया।
check-vault = तिजोरी
check-status-ok = सब ठीक है
check-status-warn = चल रहा है, पर देखने की ज़रूरत है
check-status-fail = काम नहीं कर रहा
nav-interactions = क्या दवाएँ साथ में ठीक हैं?
nav-proposals = प्लगइन के सुझाव
interactions-not-reviewed = ऐसी तालिका से जाँचा गया जिसे अभी किसी चिकित्सक ने नहीं परखा है। यह फ़ार्मासिस्ट से पूछने की जगह नहीं लेता।
interactions-unavailable = कुछ नहीं जाँचा गया: दवाएँ जानने वाला कोई प्लगइन चालू नहीं है। जो यह घर चलाता है, वह उसे चालू कर सकता है।
interactions-failed = कुछ नहीं जाँचा गया: दवाएँ जानने वाले प्लगइन ने काम नहीं किया ({ $code })। जो यह घर चलाता है, उसे उसके लॉग में और मिलेगा।
interactions-nothing = जाँचने के लिए कोई दवा नहीं है।
interactions-part-checked = { $total } में से { $checked } दवाएँ जाँची गईं। बाकी नहीं देखी गईं।
interactions-all-checked = सभी { $total } दवाएँ जाँची गईं।
interactions-no-promise = जहाँ कुछ नहीं मिला, वहाँ तालिका में कुछ लिखा नहीं है। यह वादा नहीं है कि दवाएँ साथ में सुरक्षित हैं।
interactions-partial = आप इस व्यक्ति की सब दवाएँ या एलर्जी नहीं देख सकते, इसलिए कुछ नहीं देखी गईं।
interactions-findings = क्या मिला
interactions-checked = जाँची गईं
interactions-nothing-known = पहचानी गईं, पर तालिका इनके बारे में कुछ नहीं जानती
interactions-none-checked = नहीं जाँची गईं
interactions-not-checked = नहीं जाँची गईं: नाम समझे नहीं गए
interactions-allergies-not-checked = एलर्जी जो समझी नहीं गईं: किसी दवा की इनसे तुलना नहीं हुई
interactions-over = समाप्त: इनका समय बीत चुका है, इसलिए नहीं जाँची गईं
interactions-proposed = शायद यह मतलब है
interactions-may-be = { $name } शायद { $substances } है। जाँच के लिए रिकॉर्ड में घटक का नाम लिखें।
interactions-data = आँकड़े: { $data }, प्लगइन { $plugin } से
finding-interaction = साथ में ठीक नहीं
finding-duplicate = एक ही चीज़ दो बार
finding-allergy = एलर्जी
finding-qt = दोनों दिल की धड़कन पर असर करती हैं
finding-dose-sum = मिलाकर बहुत ज़्यादा
severity-contraindicated = कभी साथ नहीं
severity-major = गंभीर
severity-moderate = ध्यान रखें
severity-minor = जानने योग्य
proposals-lead = ये एक प्लगइन ने पढ़ी हैं। आपके स्वीकार करने पर ही ये रिकॉर्ड बनती हैं।
proposals-none = कोई सुझाव बाकी नहीं है।
proposal-by = प्लगइन { $plugin } { $version } का सुझाव
proposal-accept = स्वीकार करें
proposal-reject = अस्वीकार करें
admin-plugins = प्लगइन
plugins-lead = प्लगइन वही कर सकता है जो यहाँ लिखा है, और कुछ नहीं; और रिकॉर्ड के साथ वही जिसकी अनुमति उनके लोगों ने दी है। नया प्लगइन नीचे लगाया जाता है, या मशीन पर: phm plugin install।
plugins-none = कोई प्लगइन नहीं लगा है।
plugin-on = चालू
plugin-off = बंद
plugin-asks-nothing = यह कुछ नहीं माँगता: न रिकॉर्ड, न नेटवर्क, कुछ नहीं रखता।
plugin-granted = अनुमति है
plugin-not-granted = अनुमति नहीं है
plugin-sends = जो पढ़ता है उसे { $hosts } को भेज सकता है
plugin-signed = हस्ताक्षर: { $key }
plugin-enable = जो भी माँगता है, उसके साथ चालू करें
plugin-disable = बंद करें
plugin-log = बिना किसी व्यक्ति की कॉल में इसने क्या लिखा
form-interactions = यह रिकॉर्ड में लिखी बातों के साथ ठीक नहीं बैठता। अभी कुछ सहेजा नहीं गया। चिकित्सक या फ़ार्मासिस्ट और बता सकते हैं।
form-save-anyway = फिर भी सहेजें
plugin-takes = एक कॉल के लिए यह { $memory } MiB मेमोरी और { $seconds } सेकंड ले सकता है।
plugin-upload = प्लगइन लगाएँ
plugin-upload-file = पैकेज (.phmp, अधिकतम 16 MiB)
plugin-upload-look = देखें कि यह क्या माँगता है
plugin-upload-lead = अभी कुछ नहीं लगाया गया है। प्लगइन क्या और क्यों माँगता है, यह उसके लेखक के शब्दों में यहाँ है।
plugin-upload-asks = यह क्या कर सकेगा
plugin-upload-replaces = इसका संस्करण { $version } लगा है। यह पैकेज उसकी जगह लेगा, और यह क्या कर सकता है, फिर से तय होगा।
plugin-upload-trusted = { $name } के हस्ताक्षर, जिनकी कुंजी पर यहाँ भरोसा है: { $key }
plugin-upload-unknown = हस्ताक्षर ऐसी कुंजी से हैं जिस पर यहाँ भरोसा नहीं है: { $key }
plugin-upload-trust = इस कुंजी पर भरोसा करें। तब इसके हस्ताक्षर वाला हर पैकेज लगाया जा सकेगा, इसलिए इसे लेखक से किसी और रास्ते से मिली कुंजी से मिलाएँ।
plugin-upload-whose = यह किसकी कुंजी है
plugin-upload-on = लगाएँ और चालू करें
plugin-upload-off = लगाएँ, पर बंद रखें
plugin-upload-leave = न लगाएँ
plugin-fault-no-file = पहले एक पैकेज चुनें।
plugin-fault-invalid-package = यह प्लगइन का पैकेज नहीं है, या ख़राब है।
plugin-fault-invalid-manifest = प्लगइन का विवरण एक नियम तोड़ता है। कौन सा, यह phm plugin validate उसके लेखक को बताता है।
plugin-fault-invalid-module = प्लगइन का प्रोग्राम एक नियम तोड़ता है। कौन सा, यह phm plugin validate उसके लेखक को बताता है।
plugin-fault-unsigned = पैकेज पर हस्ताक्षर नहीं हैं। लेखक से हस्ताक्षर वाला पैकेज माँगें।
plugin-fault-bad-signature = हस्ताक्षर मेल नहीं खाते: हस्ताक्षर के बाद पैकेज बदला गया है।
plugin-fault-untrusted-key = हस्ताक्षर की कुंजी पर यहाँ भरोसा नहीं है। उस पर भरोसा करें, या प्लगइन न लगाएँ।
plugin-fault-name-missing = लिखें कि यह किसकी कुंजी है।
plugin-fault-other-author = यह नाम किसी और लेखक के प्लगइन का है, और लोगों की अनुमतियाँ नाम से चलती हैं।
plugin-fault-older-version = इससे नया संस्करण लगा हुआ है।
plugin-fault-package-replaced = इस बीच कोई और पैकेज लगाया गया। देखें कि वह क्या माँगता है।
plugin-fault-kind-taken = यह लगा है और बंद है: इसी तरह का दूसरा प्लगइन चालू है, और एक समय में एक ही चलता है। पहले दूसरे को बंद करें।
plugin-fault-other = प्लगइन नहीं लगाया जा सका।
plugin-settings = सेटिंग
plugin-settings-of = { $name } की सेटिंग
plugin-settings-lead = नाम और व्याख्या उसके लेखक के शब्द हैं।
plugin-settings-none = इसकी कोई सेटिंग नहीं है।
plugin-settings-lines = हर पंक्ति में एक।
plugin-settings-kept = एक रखा हुआ है। वह दिखाया नहीं जाता; उसे रखने के लिए इसे ख़ाली छोड़ें।
plugin-settings-unset = कुछ रखा नहीं है।
plugin-settings-forget = जो रखा है, उसे भूल जाएँ
plugin-settings-save = सहेजें
problem-out-of-range = यह संख्या बहुत छोटी या बहुत बड़ी है।
