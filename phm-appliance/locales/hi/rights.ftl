### व्यक्ति घर से क्या माँग सकता है: रोक, चेतावनी, घटना, रखने की अवधि।

## Restriction

nav-restrictions = इस्तेमाल पर रोक
restrict-lead = जिस पर रोक है वह जैसा है वैसा रखा जाता है, और आपके तथा इस व्यक्ति के लिए उत्तरदायी लोगों के सिवा कोई उसे इस्तेमाल नहीं करता: न डॉक्टर, न देखभालकर्ता, न प्रोग्राम, न प्लगइन, न लिंक, चाहे कुछ भी दिया गया हो, जब तक आप रोक न हटाएँ।
restrict-none = किसी चीज़ पर रोक नहीं है।
restrict-all = सब कुछ
restrict-gone = एक रिकॉर्ड जो अब नहीं है
restrict-since = { $when } से
restrict-by = { $name } द्वारा
restrict-more =
    { $count ->
        [one] और एक
       *[other] और { $count }
    }
restrict-emergency = आपात स्थिति में मदद करने वाला भी वह नहीं देखता जिस पर रोक है।
restrict-everything = सब पर रोक लगाएँ
restrict-everything-help = इस व्यक्ति के बारे में सब कुछ, बाद में जोड़ा गया भी। तब दूसरे न कुछ देखते हैं, न कुछ जोड़ते हैं, और किसी को खुराक या मुलाक़ात याद नहीं दिलाई जाती।
restrict-reason = क्यों (चाहें तो)
restrict-go = रोक लगाएँ
restrict-lift = रोक हटाएँ
restrict-done = रोक लग गई। जो दूसरों के लिए खुला था वह बंद है।
restrict-lifted = रोक हट गई। जो दिया गया था वह फिर खुला है।
restrict-notice-all = इस्तेमाल पर रोक है: इस व्यक्ति के बारे में सब कुछ रखा जाता है और कोई और इस्तेमाल नहीं करता।
restrict-notice-record = इस्तेमाल पर रोक है: यह रिकॉर्ड रखा जाता है और कोई और इस्तेमाल नहीं करता।
restrict-mark = रोक
restrict-this = इस्तेमाल पर रोक
restrict-this-help = रिकॉर्ड रखा जाता है, और जब तक आप रोक न हटाएँ कोई और उसे इस्तेमाल नहीं करता। तब तक उसके बारे में किसी को याद नहीं दिलाया जाता, आपको भी नहीं।
kinds-restriction = रोकें

## Alerts

alert-volume = { $name } ने एक घंटे में { $count } रिकॉर्ड खोले ({ $when })। यदि यह ठीक नहीं था, तो पहुँच वापस लें, या अपने दूसरे उपकरणों से साइन आउट करें।
alert-hour = { $name } ने असामान्य समय पर रिकॉर्ड देखे ({ $when })।
alert-refusals = { $name } को दस मिनट में { $count } बार मना किया गया ({ $when })।
alert-hand-over = { $name } ने किसी के रिकॉर्ड एक खाते को सौंपने को कहा ({ $when })।
alert-reset-link = { $name } ने एक लिंक बनाया जिससे यहाँ के एक खाते का पासवर्ड नया रखा जाता है ({ $when })। जिसके पास लिंक है, वह उस खाते से साइन इन कर सकता है।
alert-let-in = { $name } ने एक खाते को किसी के परिवार में शामिल किया, जिनके रिकॉर्ड यहाँ रखे हैं ({ $when })। किसे, यह परिवार के पृष्ठ पर लिखा है; उसे वहीं समाप्त भी किया जाता है।
alert-somebody = किसी ने
alert-door = दरवाज़े पर कोई
alerts-title = असामान्य पहुँच
alerts-lead = किसने बहुत सारे रिकॉर्ड खोले, रात में देखा, या किसे कई बार मना किया गया। रिकॉर्ड किसके थे, यह उन लोगों के पन्नों पर है; उन्हें बताया गया।
alerts-none = कुछ असामान्य नहीं हुआ।
alerts-recent = पिछले सात दिनों में पहुँच असामान्य थी।
mail-unusual-subject = रिकॉर्ड तक असामान्य पहुँच
mail-unusual-text = आपके घर में स्वास्थ्य रिकॉर्ड तक पहुँच असामान्य थी: बहुत सारे रिकॉर्ड, रात में, या कई बार मना। कौन था और कितना, यह साइन इन करने के बाद यहाँ लिखा है:
mail-unusual-end = यदि यह ठीक नहीं था, तो पहुँच वापस लें और मशीन की देखभाल करने वाले व्यक्ति को बताएँ।

## Incidents

incident-title = क्या हुआ: रिपोर्ट
incident-lead = उल्लंघन की रिपोर्ट को जो चाहिए: किसने कब क्या किया, कितने लोगों के साथ, किस तरह के रिकॉर्ड से, और किन सत्रों, टोकनों और अनुमतियों से। इसमें किसी रिकॉर्ड का कुछ नहीं है, और लोगों में से केवल खाते वालों के नाम हैं।
incident-from = कब से
incident-to = कब तक, वह दिन भी
incident-account = किसने किया
incident-everybody = सबने
incident-go = दिखाएँ
incident-wrong = दिन ठीक नहीं हैं: आख़िरी दिन पहले से पहले नहीं हो सकता, और रिपोर्ट ज़्यादा से ज़्यादा एक साल की होती है।
incident-report = रिपोर्ट
incident-span = { $from } से { $to } तक
incident-made = { $when } को बनी
incident-people = { $count } लोगों के रिकॉर्ड छुए गए।
incident-more = जो हुआ उसकी सभी पंक्तियाँ यहाँ नहीं हैं। संख्याएँ सबकी हैं; फ़ाइल में और है।
incident-unreadable = लॉग की { $count } पंक्तियाँ पढ़ी नहीं जा सकीं: phm verify चलाएँ।
incident-file = JSON के रूप में डाउनलोड करें
incident-records = रिकॉर्ड कितनी बार छुए गए
incident-actors = कौन
incident-events = क्या हुआ, घंटे के हिसाब से
incident-sessions = साइन इन किए उपकरण
incident-tokens = टोकन
incident-grants = उन्हें क्या दिया गया
incident-kind-unknown = अब पता नहीं
incident-kind-plugin = प्लगइन का काम, किसी व्यक्ति के बारे में नहीं
incident-column-who = कौन
incident-column-email = ई-मेल
incident-column-first = पहली बार
incident-column-last = आख़िरी बार
incident-column-people = लोग
incident-column-records = रिकॉर्ड
incident-column-refused = मना
incident-column-hour = घंटा
incident-column-action = क्या
incident-column-outcome = नतीजा
incident-column-kind = प्रकार
incident-column-count = कितने
incident-column-device = उपकरण
incident-column-since = कब से
incident-column-token = टोकन
incident-column-until = कब तक
incident-column-state = स्थिति
incident-column-template = नमूना
incident-column-revoked = वापस लिया
incident-action-read = देखा
incident-action-add = जोड़ा
incident-action-amend = बदला
incident-action-remove = हटाया
incident-action-restore = वापस लाया
incident-action-share = पहुँच दी
incident-action-revoke = पहुँच वापस ली
incident-action-export = बाहर ले गया
incident-action-import = आयात किया
incident-action-undo = आयात वापस लिया
incident-action-erase = मिटाया
incident-action-rectify = रिकॉर्ड में लिखा नष्ट किया
incident-action-purge = समय पूरा होने पर मिटाया
incident-action-sign-in = साइन इन किया
incident-action-sign-out = साइन आउट किया
incident-action-administer = प्रशासन किया
incident-action-back-up = बैकअप लिया
incident-action-unlock = ताला खोला
incident-action-begin-log = लॉग शुरू किया
incident-outcome-allowed = हुआ
incident-outcome-refused = मना
incident-outcome-failed = विफल

## Retention

nav-retention = रिकॉर्ड कब तक रखे जाते हैं
retention-lead = जब तक कोई नियम कुछ और न कहे, रिकॉर्ड हमेशा रखे जाते हैं। नियम जो नष्ट करता है वह सभी संस्करणों सहित हमेशा के लिए चला जाता है, और “किसने देखा” में लिखा रहता है।
retention-none = कोई नियम नहीं है: सब कुछ रखा जाता है।
retention-rule = { $what }: { $span } तक रखे जाते हैं
retention-years = { $count ->
    [one] { $count } साल
   *[other] { $count } साल
}
retention-days = { $count ->
    [one] { $count } दिन
   *[other] { $count } दिन
}
retention-from = { $when } से पहले कुछ नष्ट नहीं करता
retention-since = { $when } से लागू
retention-due = { $count ->
    [one] अभी { $count } रिकॉर्ड जाएगा
   *[other] अभी { $count } रिकॉर्ड जाएँगे
}
retention-between = { $from } से { $to } तक के
retention-kept = { $count ->
    [one] { $count } इतना पुराना नहीं है
   *[other] { $count } इतने पुराने नहीं हैं
}
retention-restricted = { $count ->
    [one] { $count } पर रोक है और वह रहेगा
   *[other] { $count } पर रोक है और वे रहेंगे
}
retention-going-on = { $count ->
    [one] { $count } जारी है और रहेगा
   *[other] { $count } जारी हैं और रहेंगे
}
retention-on = लागू
retention-soon = अभी नहीं
retention-end = यह नियम समाप्त करें
retention-what-stays = समय तब से गिना जाता है जब कुछ हुआ या आख़िरी बार बदला गया, जो भी बाद में हो। जिस पर रोक है वह रहता है, और जो जारी है वह भी, जैसे ली जा रही दवा। पहले के बैकअप में वह तब तक रहता है जब तक उन्हें मिटाया न जाए।
retention-preview = यह क्या नष्ट करेगा
retention-confirm = अगले सात दिन कुछ नहीं जाएगा; तब तक नियम समाप्त किया जा सकता है। उसके बाद जो इतना पुराना है वह अपने आप, हमेशा के लिए जाएगा।
retention-go = यह नियम बनाएँ
retention-make = नियम बनाएँ
retention-kind = कौन से रिकॉर्ड
retention-for-years = कितने साल रखे जाएँ
retention-look = देखें क्या नष्ट होगा
retention-made = नियम बन गया। अगले सात दिन कुछ नहीं जाएगा।
retention-ended = नियम समाप्त हुआ। ये रिकॉर्ड रखे जाते हैं।
retention-wrong = रिकॉर्ड का प्रकार चुनें, और 1 से 100 के बीच साल।
audit-purge = समय पूरा होने पर नष्ट किए: { $records }
purpose-retention = रिकॉर्ड कब तक रखे जाएँ, इसका नियम
mail-retention-subject = रिकॉर्ड कब तक रखे जाएँ, यह बदल गया
mail-retention-text = एक नियम बनाया या बदला गया है कि आपके सँभाले रिकॉर्ड कब तक रखे जाएँ। उससे पुराने रिकॉर्ड नष्ट होंगे, सबसे पहले एक सप्ताह बाद। नियम किसने बनाया, यह साइन इन करने के बाद “किसने देखा” में लिखा है:
mail-retention-end = यदि यह ठीक नहीं है, तो सप्ताह के भीतर नियम समाप्त करें।
mail-purged-subject = समय पूरा होने पर रिकॉर्ड नष्ट किए गए
mail-purged-text = उनके लिए बनाए गए नियम से, आपके सँभाले रिकॉर्ड समय पूरा होने पर नष्ट किए गए। कितने, यह साइन इन करने के बाद “किसने देखा” में लिखा है:
mail-purged-end = यदि यह ठीक नहीं था, तो नियम समाप्त करें। पहले के किसी बैकअप में वे अब भी हो सकते हैं।
audit-restrict = रिकॉर्ड के इस्तेमाल पर रोक लगाई
audit-lift = रोक हटाई
audit-retention = रिकॉर्ड कब तक रखे जाएँ, यह बदला
kinds-retention = रिकॉर्ड रखने के नियम

nav-house-retention = इस घर में रिकॉर्ड कब तक रखे जाते हैं
house-retention-lead = आप सुझाते हैं कि किसी प्रकार के रिकॉर्ड कब तक रखे जाएँ; संख्याएँ सभी लोगों की मिलाकर हैं।
house-retention-is-asked = जब तक कोई सहमत न हो, उसका कोई रिकॉर्ड नष्ट नहीं किया जाता।
house-retention-is-enforced = सेटिंग “retention.enforce” चालू है: जो कुछ नहीं कहते, उनके लिए बताए जाने के एक सप्ताह बाद यह लागू होता है।
house-retention-none = घर कुछ नहीं सुझाता: जब तक किसी का अपना नियम कुछ और न कहे, सब कुछ रखा जाता है।
house-retention-what-stays = व्यक्ति का अपना नियम और जिस पर रोक है, वे घर के सुझाव से ऊपर हैं, और जिसके लिए ऐसा कोई नहीं जिसे बताया जा सके, उसका सब कुछ रखा जाता है।
house-retention-make = सुझाव दें
house-retention-confirm = जिनके बारे में है, उन्हें पत्र से और उनके पन्नों पर बताया जाता है। जिससे कोई सहमत हुआ वह उनका अपना नियम है, और इसके समाप्त होने पर भी रहता है।
house-retention-go = सबको सुझाएँ
house-retention-by = { $name } ने सुझाया, { $when }
house-retention-people = { $count ->
    [one] { $count } व्यक्ति के
   *[other] { $count } लोगों के
}
house-retention-own = { $count ->
    [one] { $count } व्यक्ति का अपना नियम है
   *[other] { $count } लोगों का अपना नियम है
}
house-retention-proposed = सुझाया गया
house-retention-enforced = लागू होता है
house-retention-open = उत्तर नहीं दिया
house-retention-made = सुझाव दे दिया गया। जिनके बारे में है, उन्हें बताया जाता है।
house-retention-changed = घर अब कुछ और सुझाता है। उत्तर देने से पहले उसे फिर देखें।
house-retention-ended = घर अब यह नहीं सुझाता। जिससे कोई सहमत हुआ वह उनका अपना नियम है, और रहता है।
house-retention-proposals = घर का सुझाव
house-retention-asks = आपके सहमत होने से पहले कुछ नष्ट नहीं किया जाता
house-retention-begins = { $when } से लागू, यदि आप ये रिकॉर्ड न रखें
house-retention-keep = ये रिकॉर्ड रखें
house-retention-agree = सहमत हूँ
house-retention-waits = घर सुझाता है कि इनमें से कुछ रिकॉर्ड कब तक रखे जाएँ, और “रिकॉर्ड कब तक रखे जाते हैं” में आपके उत्तर की प्रतीक्षा है।
mail-proposed-subject = रिकॉर्ड कब तक रखे जाएँ: एक सुझाव
mail-proposed-text = जिस घर में आपके सँभाले रिकॉर्ड रखे हैं, वह सुझाता है कि उनमें से कुछ एक समय बाद नष्ट किए जाएँ। आपके सहमत होने से पहले कुछ नष्ट नहीं किया जाता। किस बारे में है, यह साइन इन करने के बाद “रिकॉर्ड कब तक रखे जाते हैं” में लिखा है:
mail-proposed-end = यदि आप कुछ न करें, तो सब कुछ रखा जाता है।
mail-announced-subject = रिकॉर्ड नष्ट किए जाएँगे, यदि आप उन्हें न रखें
mail-announced-text = घर के एक नियम से, आपके सँभाले वे रिकॉर्ड जिनका समय पूरा हो गया, नष्ट किए जाएँगे, पर एक सप्ताह से पहले नहीं। किस बारे में है, यह साइन इन करने के बाद “रिकॉर्ड कब तक रखे जाते हैं” में लिखा है; वहाँ आप उन्हें रख सकते हैं:
mail-announced-end = यदि आप कुछ न करें, तो वे हमेशा के लिए नष्ट हो जाएँगे।

## Data and rights

nav-data = आपका डेटा और अधिकार
data-lead = इस व्यक्ति के बारे में जो रखा है उस पर आप क्या माँग सकते हैं: प्रति, सुधार, रोक, किसने देखा, और उसका अंत।
data-copy = प्रति लें
data-copy-help = पढ़ने के लिए: किसी भी ब्राउज़र में एक पन्ना, छापने के लिए भी। कहीं और ले जाने के लिए: FHIR, जिसे दूसरे प्रोग्राम पढ़ते हैं, उपकरणों के मापों सहित, और एक तालिका।
data-readable = पढ़ने के लिए (HTML)
data-fhir = प्रोग्रामों के लिए (FHIR)
data-csv = तालिका के रूप में (CSV)
data-correct = सुधारें
data-correct-help = रिकॉर्ड खोलें और बदलें: पहले जो लिखा था वह इतिहास में रहता है। जो मिटा सकता है वह पहले का लिखा नष्ट कर सकता है।
data-made = प्रति { $when } को बनी
data-written = आख़िरी बार { $when } को लिखा गया
data-erase = इस व्यक्ति के बारे में सब कुछ मिटाएँ
data-erase-help = सब कुछ हमेशा के लिए जाता है: रिकॉर्ड, दस्तावेज़, किसने देखा, और आपका खाता जहाँ वह केवल इसी व्यक्ति का है। पहले के बैकअप में वह तब तक रहता है जब तक उन्हें मिटाया न जाए। पहले प्रति लें।
data-erase-confirm = नाम एक बार फिर लिखें: { $name }
data-erase-go = सब कुछ मिटाएँ
data-erase-wrong = नाम वैसा नहीं लिखा गया जैसा यहाँ है। कुछ नहीं मिटाया गया।
looked-actor = कौन
looked-anybody = कोई भी
looked-any-kind = कोई भी प्रकार
looked-person = लोग
looked-token = प्रोग्राम
looked-plugin = प्लगइन
looked-service = घर की सेवाएँ
looked-operator = संचालक
looked-csv = तालिका के रूप में डाउनलोड करें (CSV)
looked-json = JSON के रूप में डाउनलोड करें
