### A person at a glance.

edit-profile = प्रोफ़ाइल बदलें
blood-group-is = रक्त समूह { $group }
dashboard-allergies = एलर्जी
dashboard-no-allergies = कोई दर्ज नहीं
allergy-high = अधिक जोखिम
dashboard-vitals = ताज़ा माप
dashboard-no-vitals = अभी कोई माप नहीं।
vital-bmi = बीएमआई
vital-bmi-computed = वज़न और क़द से
bmi-under = कम वज़न
bmi-normal = सामान्य वज़न
bmi-over = अधिक वज़न
bmi-obese = मोटापा
trend-title = HbA1c
trend-span = दिखाई गई अवधि
trend-unit = इकाई
trend-6m = { $count } माह
trend-1y = { $count } वर्ष
trend-target = लक्ष्य { $value }
trend-lower = पिछली बार के { $before } से कम
trend-higher = पिछली बार के { $before } से अधिक
trend-same = पिछली बार जितना ही, { $before }
trend-none = अभी कोई HbA1c परिणाम नहीं।
trend-none-in-span = इस अवधि में कोई परिणाम नहीं।
trend-add = परिणाम जोड़ें
trend-table = मान तालिका में
column-date = तारीख
column-value = मान
dashboard-medications = चालू दवाएँ
dashboard-no-medications = कोई चालू दवा नहीं।
for-reason = { $reason } के लिए
dashboard-appointments = आने वाली मुलाक़ातें
dashboard-no-appointments = कुछ तय नहीं।
dashboard-conditions = पुराने रोग
dashboard-no-conditions = कोई पुराना रोग दर्ज नहीं।
condition-edit = { $name } बदलें
condition-open = रिकॉर्ड खोलें
dashboard-recent = हाल में
dashboard-no-recent = अभी कुछ नहीं।
dashboard-empty-heading = नया पन्ना
dashboard-empty-text = पहले से मौजूद रिकॉर्ड ले आएँ, या पहला रिकॉर्ड लिखें।
dashboard-empty-import = फ़ाइल आयात करें
dashboard-empty-add = ख़ुद जोड़ें
frequency-times-d = { $count ->
    [one] दिन में एक बार
   *[other] दिन में { $count } बार
}
frequency-times-h = { $count ->
    [one] हर घंटे
   *[other] घंटे में { $count } बार
}
frequency-times-wk = { $count ->
    [one] सप्ताह में एक बार
   *[other] सप्ताह में { $count } बार
}
frequency-times-mo = { $count ->
    [one] माह में एक बार
   *[other] माह में { $count } बार
}
frequency-every-h = { $count ->
    [one] हर घंटे
   *[other] हर { $count } घंटे पर
}
frequency-every-d = { $count ->
    [one] हर दिन
   *[other] हर { $count } दिन पर
}
frequency-every-wk = { $count ->
    [one] हर सप्ताह
   *[other] हर { $count } सप्ताह पर
}
frequency-every-mo = { $count ->
    [one] हर माह
   *[other] हर { $count } माह पर
}
frequency-times-in-h = { $per } घंटे में { $times } बार
frequency-times-in-d = { $per } दिन में { $times } बार
frequency-times-in-wk = { $per } सप्ताह में { $times } बार
frequency-times-in-mo = { $per } माह में { $times } बार
frequency-as-needed = ज़रूरत पड़ने पर
frequency-as-needed-often = { $often }, ज़रूरत पड़ने पर
