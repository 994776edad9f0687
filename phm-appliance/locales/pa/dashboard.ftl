### A person at a glance.

edit-profile = ਪ੍ਰੋਫ਼ਾਈਲ ਬਦਲੋ
blood-group-is = ਬਲੱਡ ਗਰੁੱਪ { $group }
dashboard-allergies = ਐਲਰਜੀਆਂ
dashboard-no-allergies = ਕੋਈ ਦਰਜ ਨਹੀਂ
allergy-high = ਵੱਧ ਖ਼ਤਰਾ
dashboard-vitals = ਤਾਜ਼ਾ ਮਾਪ
dashboard-no-vitals = ਹਾਲੇ ਕੋਈ ਮਾਪ ਨਹੀਂ।
vital-bmi = ਬੀਐੱਮਆਈ
vital-bmi-computed = ਭਾਰ ਅਤੇ ਕੱਦ ਤੋਂ
bmi-under = ਘੱਟ ਭਾਰ
bmi-normal = ਆਮ ਭਾਰ
bmi-over = ਵੱਧ ਭਾਰ
bmi-obese = ਮੋਟਾਪਾ
trend-title = HbA1c
trend-span = ਦਿਖਾਇਆ ਸਮਾਂ
trend-unit = ਇਕਾਈ
trend-6m = { $count } ਮਹੀਨੇ
trend-1y = { $count } ਸਾਲ
trend-target = ਟੀਚਾ { $value }
trend-lower = ਪਿਛਲੀ ਵਾਰ ਦੇ { $before } ਤੋਂ ਘੱਟ
trend-higher = ਪਿਛਲੀ ਵਾਰ ਦੇ { $before } ਤੋਂ ਵੱਧ
trend-same = ਪਿਛਲੀ ਵਾਰ ਜਿੰਨਾ ਹੀ, { $before }
trend-none = ਹਾਲੇ ਕੋਈ HbA1c ਨਤੀਜਾ ਨਹੀਂ।
trend-none-in-span = ਇਸ ਸਮੇਂ ਵਿੱਚ ਕੋਈ ਨਤੀਜਾ ਨਹੀਂ।
trend-add = ਨਤੀਜਾ ਜੋੜੋ
trend-table = ਮੁੱਲ ਸਾਰਣੀ ਵਿੱਚ
column-date = ਤਾਰੀਖ
column-value = ਮੁੱਲ
dashboard-medications = ਚਾਲੂ ਦਵਾਈਆਂ
dashboard-no-medications = ਕੋਈ ਚਾਲੂ ਦਵਾਈ ਨਹੀਂ।
for-reason = { $reason } ਲਈ
dashboard-appointments = ਆਉਣ ਵਾਲੀਆਂ ਮੁਲਾਕਾਤਾਂ
dashboard-no-appointments = ਕੁਝ ਤੈਅ ਨਹੀਂ।
dashboard-conditions = ਪੁਰਾਣੇ ਰੋਗ
dashboard-no-conditions = ਕੋਈ ਪੁਰਾਣਾ ਰੋਗ ਦਰਜ ਨਹੀਂ।
condition-edit = { $name } ਬਦਲੋ
condition-open = ਰਿਕਾਰਡ ਖੋਲ੍ਹੋ
dashboard-recent = ਹਾਲ ਵਿੱਚ
dashboard-no-recent = ਹਾਲੇ ਕੁਝ ਨਹੀਂ।
dashboard-empty-heading = ਨਵਾਂ ਪੰਨਾ
dashboard-empty-text = ਪਹਿਲਾਂ ਤੋਂ ਮੌਜੂਦ ਰਿਕਾਰਡ ਲਿਆਓ, ਜਾਂ ਪਹਿਲਾ ਰਿਕਾਰਡ ਲਿਖੋ।
dashboard-empty-import = ਫ਼ਾਈਲ ਆਯਾਤ ਕਰੋ
dashboard-empty-add = ਆਪ ਜੋੜੋ
frequency-times-d = { $count ->
    [one] ਦਿਨ ਵਿੱਚ ਇੱਕ ਵਾਰ
   *[other] ਦਿਨ ਵਿੱਚ { $count } ਵਾਰ
}
frequency-times-h = { $count ->
    [one] ਹਰ ਘੰਟੇ
   *[other] ਘੰਟੇ ਵਿੱਚ { $count } ਵਾਰ
}
frequency-times-wk = { $count ->
    [one] ਹਫ਼ਤੇ ਵਿੱਚ ਇੱਕ ਵਾਰ
   *[other] ਹਫ਼ਤੇ ਵਿੱਚ { $count } ਵਾਰ
}
frequency-times-mo = { $count ->
    [one] ਮਹੀਨੇ ਵਿੱਚ ਇੱਕ ਵਾਰ
   *[other] ਮਹੀਨੇ ਵਿੱਚ { $count } ਵਾਰ
}
frequency-every-h = { $count ->
    [one] ਹਰ ਘੰਟੇ
   *[other] ਹਰ { $count } ਘੰਟੇ ਬਾਅਦ
}
frequency-every-d = { $count ->
    [one] ਹਰ ਦਿਨ
   *[other] ਹਰ { $count } ਦਿਨਾਂ ਬਾਅਦ
}
frequency-every-wk = { $count ->
    [one] ਹਰ ਹਫ਼ਤੇ
   *[other] ਹਰ { $count } ਹਫ਼ਤਿਆਂ ਬਾਅਦ
}
frequency-every-mo = { $count ->
    [one] ਹਰ ਮਹੀਨੇ
   *[other] ਹਰ { $count } ਮਹੀਨਿਆਂ ਬਾਅਦ
}
frequency-times-in-h = { $per } ਘੰਟਿਆਂ ਵਿੱਚ { $times } ਵਾਰ
frequency-times-in-d = { $per } ਦਿਨਾਂ ਵਿੱਚ { $times } ਵਾਰ
frequency-times-in-wk = { $per } ਹਫ਼ਤਿਆਂ ਵਿੱਚ { $times } ਵਾਰ
frequency-times-in-mo = { $per } ਮਹੀਨਿਆਂ ਵਿੱਚ { $times } ਵਾਰ
frequency-as-needed = ਲੋੜ ਪੈਣ 'ਤੇ
frequency-as-needed-often = { $often }, ਲੋੜ ਪੈਣ 'ਤੇ
