### What every page shares: navigation, actions, dates, units.

## Product, navigation, actions

product = PHM
skip-to-content = सामग्री पर जाएँ
language = भाषा
plain-http = यह कनेक्शन एन्क्रिप्टेड नहीं है। पासकी, साझा लिंक, सूचनाएँ, बिना कनेक्शन के उपयोग और लाइव कैमरा के लिए https चाहिए; वे बंद हैं।
nav-label = इस व्यक्ति के रिकॉर्ड
nav-account = आपका खाता
nav-overview = सारांश
nav-timeline = समयरेखा
nav-records = रिकॉर्ड
nav-more = और प्रकार
nav-add = जोड़ें
nav-import = आयात
nav-who-looked = किसने देखा
nav-settings = सेटिंग
nav-admin = प्रशासन
switcher-label = परिवार
switcher-all = सभी लोग
person-nameless = बिना नाम का व्यक्ति
save = सहेजें
cancel = रद्द करें
back = वापस
back-home = शुरुआत पर वापस
edit = बदलें
remove = हटाएँ
restore = वापस लाएँ
upload = अपलोड करें
see-all = सभी देखें
yes = हाँ
no = नहीं
unit = इकाई
required = ज़रूरी
choose-none = –
request-id = मदद माँगते समय यह संख्या बताएँ: { $id }
crumbs-label = आप कहाँ हैं
pager-label = पृष्ठ
pager-newer = नए
pager-older = पुराने
pager-where = पृष्ठ { $pages } में से { $page }
records-count = { $count ->
    [one] { $count } रिकॉर्ड
   *[other] { $count } रिकॉर्ड
}
pages-count = { $count ->
    [one] { $count } पृष्ठ
   *[other] { $count } पृष्ठ
}
size-kb = { $size } KB
size-mb = { $size } MB

## Dates

date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-time = { $date }, { $time }
date-shape = YYYY-MM-DD
pick-date = तारीख चुनें
month-1 = जनवरी
month-2 = फ़रवरी
month-3 = मार्च
month-4 = अप्रैल
month-5 = मई
month-6 = जून
month-7 = जुलाई
month-8 = अगस्त
month-9 = सितंबर
month-10 = अक्टूबर
month-11 = नवंबर
month-12 = दिसंबर
month-short-1 = जन॰
month-short-2 = फ़र॰
month-short-3 = मार्च
month-short-4 = अप्रैल
month-short-5 = मई
month-short-6 = जून
month-short-7 = जुल॰
month-short-8 = अग॰
month-short-9 = सित॰
month-short-10 = अक्टू॰
month-short-11 = नव॰
month-short-12 = दिस॰
age-years = { $count ->
    [one] { $count } वर्ष
   *[other] { $count } वर्ष
}
age-months = { $count ->
    [one] { $count } माह
   *[other] { $count } माह
}
today = आज
tomorrow = कल
in-days = { $count ->
    [one] { $count } दिन में
   *[other] { $count } दिन में
}
since = { $date } से

## Units that are words

unit-per-minute = प्रति मिनट
unit-days = { $count ->
    [one] दिन
   *[other] दिन
}
unit-weeks = { $count ->
    [one] सप्ताह
   *[other] सप्ताह
}
unit-months = { $count ->
    [one] माह
   *[other] माह
}
unit-years = { $count ->
    [one] वर्ष
   *[other] वर्ष
}
unit-hours = { $count ->
    [one] घंटा
   *[other] घंटे
}
unit-tablet = { $count ->
    [one] गोली
   *[other] गोलियाँ
}
unit-capsule = { $count ->
    [one] कैप्सूल
   *[other] कैप्सूल
}
unit-drop = { $count ->
    [one] बूँद
   *[other] बूँदें
}
unit-puff = { $count ->
    [one] पफ़
   *[other] पफ़
}
