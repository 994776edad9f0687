### कौन क्या देख सकता है: पहुँच, परिवार, टोकन, खाते।

## Navigation

nav-access = कौन देख सकता है
nav-family = परिवार और देखभालकर्ता
nav-patients = मेरे मरीज़
nav-tokens = प्रोग्रामों के टोकन

## Access

access-lead = जब तक यहाँ न लिखा हो, ये रिकॉर्ड कोई नहीं देखता। आप कुछ भी तुरंत वापस ले सकते हैं।
access-now = अभी कौन देख सकता है
access-none = परिवार के सिवा कोई नहीं। कुछ भी साझा नहीं है।
access-past = जो समाप्त हो चुका
access-give = किसी को देखने दें
access-to = किसे
access-to-help = इस घर में काम करने वाले लोग और आपका परिवार।
access-nobody-known = जिसे आप चुन सकें, ऐसे किसी का यहाँ अभी खाता नहीं है। परिवार को बुलाएँ, या प्रशासक से कहें कि आपके डॉक्टर का खाता बना दें।
access-what = क्या, और कब तक
access-purpose = क्यों (उन्हें और लॉग में दिखेगा)
access-private = जो निजी है वह भी
access-private-help = यहाँ निशान न हो तो ऐसे रिकॉर्ड उनसे भी छिपे रहते हैं जो बाकी सब देख सकते हैं।
label-mental-health = मानसिक स्वास्थ्य और लत
label-sexual-health = यौन और प्रजनन स्वास्थ्य
label-private-note = निजी नोट
label-restricted = भेजने वाले ने सीमित किया
mark-heading = इसे कौन देख सकता है
mark-is = संवेदनशील: { $labels }
mark-help = जिस पर आप निशान लगाते हैं, वह केवल उन्हें दिखता है जिन्हें आपने इस तरह के निजी रिकॉर्ड दिए हैं। जो किसी कोड से निकलता है, उसका निशान बना रहता है।
mark-save = निशान सहेजें
access-go = देखने दें
access-revoke = वापस लें
access-give-up = छोड़ दें
access-given = देखने की अनुमति दे दी गई।
access-taken-back = वापस ले लिया गया। जो खुला था वह बंद है।
access-everything = जो निजी नहीं है वह सब
access-until = { $when } तक
access-from = { $when } से
access-until-revoked = जब तक आप वापस न लें
access-by = { $name } ने दिया
access-between = केवल { $from } से { $to } तक का
access-only-from = केवल { $from } से
access-only-to = केवल { $to } तक
access-chosen = { $count ->
    [one] { $count } चुना हुआ रिकॉर्ड
   *[other] { $count } चुने हुए रिकॉर्ड
}
access-also-private = यह भी: { $labels }
access-role = { $role } भूमिका वाले सभी
access-plugin = प्लगइन { $name }
access-service = सेवा { $name }
access-token = एक टोकन
state-live = खुला
state-scheduled = अभी नहीं
state-waiting = आपातकाल के लिए
state-asked = माँगा गया
state-ended = समाप्त
state-revoked = वापस लिया गया
action-read = देखना
action-add = जोड़ना
action-amend = बदलना
action-share = आगे देना
action-export = प्रतियाँ लेना
template-labs-and-medicines = जाँच के नतीजे और दवाइयाँ, 24 घंटे
template-labs-and-medicines-for = डॉक्टर की दूसरी राय के लिए
template-visit = सब कुछ, 24 घंटे
template-visit-for = डॉक्टर से मिलने के दिन के लिए
template-treatment = सब कुछ, 90 दिन, और जोड़ भी सकते हैं
template-treatment-for = आपका इलाज करने वाले डॉक्टर के लिए
template-pharmacy = दवाइयाँ और नुस्ख़े, 7 दिन
template-pharmacy-for = दवा की दुकान के लिए
template-laboratory = जाँच के नतीजे और रिपोर्टें, 7 दिन, और जोड़ भी सकते हैं
template-laboratory-for = प्रयोगशाला के लिए
template-emergency = सब कुछ, केवल आपातकाल में
template-emergency-for = परिवार के लिए: माँगने के 48 घंटे बाद खुलता है, अगर आप मना न करें
template-break-glass = सहमति के बिना आपातकालीन पहुँच

## Emergencies

notice-broken = { $name } ने { $when } को आपकी सहमति के बिना, आपातकाल में ये रिकॉर्ड खोले। बताया गया कारण: { $reason }
notice-asked = { $name } आपातकाल के कारण ये रिकॉर्ड देखना चाहते हैं। आप मना न करें तो ये { $when } को खुलेंगे।
notice-opened = { $name } ने आपातकाल के कारण माँगा था और अब ये रिकॉर्ड देख सकते हैं।
notice-seen = मैंने यह देख लिया
notice-refuse = मना करें
emergency-refused = आपने मना कर दिया। कुछ नहीं खुलेगा।
purpose-break-glass = सहमति के बिना आपातकाल: { $reason }

## Family

family-lead = ये रिकॉर्ड कौन रखता है, व्यक्ति के लिए कौन ज़िम्मेदार है, और कौन मदद करता है।
family-now = परिवार
family-you = यह आप हैं
family-looks = { $what } देखते हैं
family-edits = { $what } देखते और बदलते हैं
family-keeps = रिकॉर्ड रखते हैं: सब देखते और तय करते हैं
family-guards = व्यक्ति के लिए ज़िम्मेदार हैं: उम्र जितना देखने दे, उतना देखते हैं
family-is = ये उनके अपने रिकॉर्ड हैं
family-change = बदलें
family-end = इसे समाप्त करें
family-end-explained = तब से यह व्यक्ति यहाँ कुछ नहीं देखेगा, जब तक उसे कुछ दिया न गया हो।
family-leave = छोड़ दें
family-leave-explained = जब तक कोई आपको फिर न बुलाए, आप ये रिकॉर्ड नहीं देखेंगे।
family-last-keeper = इन रिकॉर्डों तक और कोई नहीं पहुँच पाएगा। पहले किसी और को स्वामी या अभिभावक बनाएँ।
family-invite = किसी को बुलाएँ
family-invite-lead = आपको भेजने के लिए एक लिंक मिलेगा। जो उसे खोलकर साइन इन करे, वह परिवार में है। यह एक बार, सात दिन तक चलता है।
family-as = किस रूप में
family-as-carer = देखभालकर्ता जो देखे
family-as-editor = देखभालकर्ता जो लिखे भी
family-as-guardian = अभिभावक
family-as-owner = स्वामी, आपकी तरह
family-as-self = वही व्यक्ति, जो रिकॉर्ड अपने हाथ में ले
family-too-young = यह व्यक्ति अभी छोटा है, या जन्मतिथि पता नहीं है। पहले उसे दर्ज करें।
family-kinds = देखभालकर्ता क्या देखे
family-kinds-all = जो निजी नहीं है वह सब
family-kinds-chosen = केवल ये
family-invite-go = लिंक बनाएँ
family-link = लिंक
family-link-help = इसे उसी व्यक्ति को भेजें जिसे आप चाहते हैं, और किसी को नहीं। यह केवल अभी दिखाया जा रहा है।
family-waiting = आमंत्रण जो किसी ने स्वीकार नहीं किए
family-withdraw = वापस लें
family-handing-title = रिकॉर्ड सौंपे जाने हैं
family-handing = एक प्रशासक ये रिकॉर्ड किसी खाते को सौंपना चाहता है। { $when } से यह किया जा सकता है, यदि कोई मना न करे।
family-handing-refuse = मना करें
family-saved = सहेज लिया गया।
family-ended = समाप्त कर दिया गया।
join-title = एक निमंत्रण
join-lead = किसी ने आपको रिकॉर्ड सँभालने के लिए बुलाया है।
join-field = निमंत्रण
join-field-help = लिंक का वह भाग जो # चिह्न के बाद है
join-look = देखें यह क्या है
join-for = { $by } आपको { $name } के परिवार में बुलाते हैं।
join-accept = स्वीकार करें
join-invalid = यह निमंत्रण इस्तेमाल हो चुका है, सात दिन से पुराना है, या अब मान्य नहीं है।
join-already = आप इस परिवार में पहले से हैं।
join-as-self = ये आपके अपने रिकॉर्ड हैं। अब से ये आपके हैं, और जो इन्हें रखते थे वे वही देखेंगे जो आप दिखाएँ।
join-has-records = आपके खाते में पहले से अपने रिकॉर्ड हैं, जो पीछे छूट जाएँगे। नए खाते से अपने हाथ में लें।

## My patients

patients-lead = वे लोग जिन्होंने आपको अपने रिकॉर्ड देखने दिए हैं, और कब तक।
patients-none = अभी किसी ने आपको अपने रिकॉर्ड देखने नहीं दिए हैं।
patients-emergency = आपातकाल के लिए
patients-emergency-lead = कुछ हो जाए तो ये लोग अपने रिकॉर्ड आप पर छोड़ते हैं। उनके चुने घंटों के बाद खुलता है, अगर वे मना न करें।
patients-ask = मुझे अभी चाहिए
patients-asked = माँग लिया गया। { $when } को खुलेगा।
patients-hours = { $count ->
    [one] माँगने के { $count } घंटे बाद खुलता है
   *[other] माँगने के { $count } घंटे बाद खुलता है
}
glass-heading = कोई ख़तरे में है और उससे पूछा नहीं जा सकता
glass-lead = आप किसी मरीज़ के रिकॉर्ड एक घंटे के लिए, पढ़ने के लिए खोल सकते हैं। निजी रिकॉर्ड बंद रहते हैं। व्यक्ति को आपका नाम और कारण बताया जाता है, और हर बार देखना दर्ज होता है।
glass-name = मरीज़ का पूरा नाम
glass-born = जन्म का दिन
glass-reason = इंतज़ार क्यों नहीं हो सकता
glass-go = रिकॉर्ड खोलें
glass-nobody = इस नाम और जन्म के दिन का कोई एक मरीज़ नहीं है।
glass-reason-needed = कुछ शब्दों में कारण लिखें।

## Tokens

tokens-lead = टोकन किसी प्रोग्राम को आपके लिए थोड़ा-सा और कुछ समय के लिए पढ़ने या लिखने देता है। वह आपसे ज़्यादा कभी नहीं कर सकता।
tokens-none = आपके पास कोई टोकन नहीं है।
tokens-make = टोकन बनाएँ
tokens-name = यह किसलिए है?
tokens-people = किसके रिकॉर्ड
tokens-kinds = कौन-से प्रकार
tokens-kinds-all = सभी प्रकार
tokens-may = वह क्या कर सकता है
tokens-until = कब तक
tokens-go = बनाएँ
tokens-made = यह रहा टोकन। यह केवल अभी दिखाया जा रहा है: इसे अपने प्रोग्राम में डाल लें।
tokens-revoke = रद्द करें
tokens-revoked = रद्द
tokens-over = समाप्त
tokens-for-days = { $count ->
    [one] { $count } दिन
   *[other] { $count } दिन
}

## Accounts and the table of permissions

accounts-back = खाते
account-roles = भूमिकाएँ
account-active = साइन इन कर सकते हैं
account-save = सहेजें
account-closed = बंद
account-sign-out = हर जगह से साइन आउट करें
account-unlock = ग़लत पासवर्ड भूल जाएँ
account-unlock-help = कई ग़लत पासवर्ड या कोड के बाद दोबारा कोशिश करने से पहले रुकना पड़ता है। अगर आप जानते हैं कि वह व्यक्ति स्वयं था, तो रुकना ज़रूरी नहीं।
account-take-over = रिकॉर्ड इस खाते को सौंपें
account-take-over-help = जो युवा बड़ा हो गया है, वह अपने लिए रखे गए रिकॉर्ड अपने हाथ में लेता है। जो उन्हें रखता है, वह यह परिवार के पन्ने पर करता है; यहाँ तब किया जाता है जब परिवार में कोई और न कर सके। परिवार का कोई व्यक्ति उस व्यक्ति के पन्ने का पता बता सकता है।
account-take-over-person = व्यक्ति के पन्ने का पता, या उसकी संख्या
account-take-over-go = सौंपें
account-take-over-refused = ऐसा कोई व्यक्ति नहीं है, परिवार में कोई अब भी यह कर सकता है, या आप स्वयं परिवार में हैं।
account-take-over-full = इस खाते में पहले से अपने रिकॉर्ड हैं, जो पीछे छूट जाएँगे। नया खाता लें।
account-take-over-how = जो भी उस व्यक्ति के परिवार में है या उसकी मदद करता है, उसे बताया जाता है और वह एक सप्ताह तक मना कर सकता है। यह तब होता है जब कोई दूसरा प्रशासक, जिसका खाता एक सप्ताह से बदला नहीं है, सहमत हो, या जब उस सप्ताह के बाद इसे फिर माँगा जाए।
account-take-over-waits = { $name } ने { $at } को यह माँगा। यह दूसरे प्रशासक की, या { $until } तक प्रतीक्षा में है; तब इसे यहाँ किया जा सकता है।
account-take-over-unheard = { $name } ने { $at } को यह माँगा। परिवार में किसी को इसका पता नहीं चल सकता: उनके खाते बंद हैं, और उन्हें कोई पत्र नहीं भेजा जा सका। इसलिए यह किसी दूसरे प्रशासक की, या मशीन की देखभाल करने वाले व्यक्ति की प्रतीक्षा में है।
account-take-over-no = { $name } ने { $at } को यह माँगा, और परिवार में किसी ने मना किया। अब यह केवल मशीन की देखभाल करने वाला व्यक्ति कर सकता है।
account-take-over-agree = सहमत हों, या अभी करें
account-take-over-was-refused = परिवार में किसी ने मना किया। अब यह केवल मशीन की देखभाल करने वाला व्यक्ति कर सकता है।
account-last-admin = घर चलाने वाला कोई नहीं बचेगा। पहले किसी और को प्रशासक बनाएँ।
account-need-role = कम से कम एक भूमिका चुनें।
account-new = खाता जोड़ें
account-new-lead = व्यक्ति पहली बार इस पासवर्ड से साइन इन करेगा।
account-saved = सहेज लिया गया।
permissions-title = कौन क्या कर सकता है
permissions-lead = यही एक तालिका है जिस पर प्रोग्राम जाँचा जाता है। प्रशासक होने से किसी के रिकॉर्ड नहीं खुलते।
permissions-what = क्या
permissions-key = चिह्न
permission-yes = कर सकते हैं
permission-no = नहीं कर सकते
permission-unknown = यह भी नहीं जानते कि वह व्यक्ति है
permission-door = पहले साइन इन करना होगा
column-nobody = कोई नहीं
column-self = स्वयं व्यक्ति
column-owner = स्वामी
column-guardian = अभिभावक
column-carer = देखने वाले देखभालकर्ता
column-editor = लिखने वाले देखभालकर्ता
column-granted = अनुमति के साथ
column-ended = उसके बाद
column-stranger = अजनबी
column-provider = चिकित्सक
column-admin = प्रशासक
column-token = टोकन
chapter-records = रिकॉर्ड
chapter-people = व्यक्ति
chapter-consent = कौन देख सकता है
chapter-family = परिवार
chapter-account = अपना खाता
chapter-house = घर
chapter-door = दरवाज़ा
permission-open = सबके लिए खुला
dashboard-not-shared = आपके साथ साझा नहीं: { $kinds }। यहाँ न होने का अर्थ यह नहीं कि ऐसा कुछ है ही नहीं।
audit-revoke = पहुँच वापस ली
audit-administer = कौन देख सकता है, यह बदला
audit-sent = { $host } को कुछ भेजा
problem-email-taken = इस पते से कोई पहले से साइन इन करता है।
kinds-grant = अनुमतियाँ
kinds-relation = परिवार
ended-title = पहुँच समाप्त हो गई
ended-text = जो आप देख रहे थे वह अब आपके साथ साझा नहीं है।

## Links

nav-links = दूसरों के लिए लिंक
links-lead = लिंक चुने हुए रिकॉर्ड किसी बिना खाते वाले के लिए, किसी भी ब्राउज़र में खोलता है। वे नए सिरे से सील होते हैं: चाबी केवल लिंक में है, इस मशीन पर नहीं।
links-none = कोई लिंक नहीं है।
links-make = लिंक बनाएँ
links-go = बनाएँ
links-parts = साथ क्या जाए
links-parts-help = नतीजों और मापों में से पिछले साल के। जो निजी है वह बाहर रहता है।
links-this-record = जिस रिकॉर्ड से आप आए हैं वह साथ जाएगा।
links-one-day = 24 घंटे
links-once = एक बार के लिए
links-passcode = पासकोड के साथ
links-passcode-field = पासकोड (चाहें तो)
links-passcode-help = इसे लिंक से अलग रास्ते से बताएँ। कुल पाँच ग़लत पासकोड के बाद लिंक बंद हो जाता है।
links-used = इस्तेमाल हुआ
links-locked = बहुत सारे ग़लत पासकोड
links-opened = { $count } बार खोला गया, आख़िरी बार { $when } को
links-not-opened = अभी नहीं खोला गया
links-made-help = इसे उसी व्यक्ति को भेजें जिसे आप चाहते हैं। यह केवल अभी दिखाया जा रहा है।
links-need-https = लिंक के लिए सुरक्षित कनेक्शन (https) चाहिए: इस पर ब्राउज़र कुछ नहीं खोलता।
links-observations = नतीजे और माप
link-title = आपके लिए स्वास्थ्य रिकॉर्ड
link-lead = कोई इस लिंक से आपके साथ स्वास्थ्य रिकॉर्ड साझा कर रहा है।
link-open = रिकॉर्ड दिखाएँ
link-passcode = पासकोड
link-gone = यह लिंक समाप्त है, इस्तेमाल हो चुका है, या कभी था ही नहीं। भेजने वाले से नया माँगें।
link-wrong-passcode = यह पासकोड सही नहीं है। कुल पाँच ग़लत पासकोड के बाद लिंक बंद हो जाता है।
link-broken = रिकॉर्ड नहीं खुल सके। क्या लिंक पूरा है?
link-print = छापें
link-needs-script = यह पन्ना रिकॉर्ड आपके ब्राउज़र में खोलता है और इसके लिए JavaScript चाहिए।
person-plugins = प्लगइन
person-plugins-lead = प्लगइन वही पढ़ता है जो आप पढ़ने देते हैं, और तभी तक जब तक आप देते हैं। वह जो सुझाता है, किसी के या आपके बनाए नियम के स्वीकार करने पर ही रिकॉर्ड बनता है। आप जो देते हैं वह "कौन देख सकता है" में लिखा रहता है, और वहीं वापस लिया जाता है।
person-plugins-none = कोई भी चालू प्लगइन आपका कुछ नहीं माँगता।
person-plugins-kinds = यह किनके साथ काम कर सकता है
person-plugins-send = यह जो पढ़ता है उसे { $host } को भेज सकता है
