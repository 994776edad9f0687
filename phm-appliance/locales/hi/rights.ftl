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
restrict-everything-help = इस व्यक्ति के बारे में सब कुछ, बाद में जोड़ा गया भी। तब दूसरे न कुछ देखते हैं, न कुछ जोड़ते हैं।
restrict-reason = क्यों (चाहें तो)
restrict-go = रोक लगाएँ
restrict-lift = रोक हटाएँ
restrict-done = रोक लग गई। जो दूसरों के लिए खुला था वह बंद है।
restrict-lifted = रोक हट गई। जो दिया गया था वह फिर खुला है।
restrict-notice-all = इस्तेमाल पर रोक है: इस व्यक्ति के बारे में सब कुछ रखा जाता है और कोई और इस्तेमाल नहीं करता।
restrict-notice-record = इस्तेमाल पर रोक है: यह रिकॉर्ड रखा जाता है और कोई और इस्तेमाल नहीं करता।
restrict-this = इस्तेमाल पर रोक
restrict-this-help = रिकॉर्ड रखा जाता है, और जब तक आप रोक न हटाएँ कोई और उसे इस्तेमाल नहीं करता।
kinds-restriction = रोकें

## Alerts

alert-volume = { $name } ने एक घंटे में { $count } रिकॉर्ड खोले ({ $when })। यदि यह ठीक नहीं था, तो पहुँच वापस लें, या अपने दूसरे उपकरणों से साइन आउट करें।
alert-hour = { $name } ने असामान्य समय पर रिकॉर्ड देखे ({ $when })।
alert-refusals = { $name } को दस मिनट में { $count } बार मना किया गया ({ $when })।
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
