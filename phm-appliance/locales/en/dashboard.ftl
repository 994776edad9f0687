### A person at a glance.

edit-profile = Edit profile
blood-group-is = Blood group { $group }
dashboard-allergies = Allergies
dashboard-no-allergies = None recorded
allergy-high = High risk
dashboard-vitals = Latest vitals
dashboard-no-vitals = No measurements yet.
vital-bmi = BMI
vital-bmi-computed = from weight and height
bmi-under = Underweight
bmi-normal = Normal weight
bmi-over = Overweight
bmi-obese = Obesity
trend-title = HbA1c
trend-span = Time shown
trend-unit = Unit
trend-6m = { $count } months
trend-1y = { $count } year
trend-target = target { $value }
trend-lower = lower than { $before } before
trend-higher = higher than { $before } before
trend-same = the same as before, { $before }
trend-none = No HbA1c result yet.
trend-none-in-span = No result in this time.
trend-add = Add a result
trend-table = Values as a table
column-date = Date
column-value = Value
dashboard-medications = Active medications
dashboard-no-medications = No active medications.
for-reason = for { $reason }
dashboard-appointments = Upcoming appointments
dashboard-no-appointments = Nothing planned.
dashboard-conditions = Chronic conditions
dashboard-no-conditions = No chronic conditions recorded.
condition-edit = Edit { $name }
condition-open = Open record
dashboard-recent = Recently
dashboard-no-recent = Nothing yet.
dashboard-empty-heading = A clean page
dashboard-empty-text = Bring in records you already have, or write down the first one.
dashboard-empty-import = Import a file
dashboard-empty-add = Add by hand
frequency-times-d = { $count ->
    [one] once a day
    [2] twice a day
   *[other] { $count } times a day
}
frequency-times-h = { $count ->
    [one] every hour
   *[other] { $count } times an hour
}
frequency-times-wk = { $count ->
    [one] once a week
    [2] twice a week
   *[other] { $count } times a week
}
frequency-times-mo = { $count ->
    [one] once a month
    [2] twice a month
   *[other] { $count } times a month
}
frequency-every-h = { $count ->
    [one] every hour
   *[other] every { $count } hours
}
frequency-every-d = { $count ->
    [one] every day
   *[other] every { $count } days
}
frequency-every-wk = { $count ->
    [one] every week
   *[other] every { $count } weeks
}
frequency-every-mo = { $count ->
    [one] every month
   *[other] every { $count } months
}
frequency-times-in-h = { $times } times in { $per } hours
frequency-times-in-d = { $times } times in { $per } days
frequency-times-in-wk = { $times } times in { $per } weeks
frequency-times-in-mo = { $times } times in { $per } months
frequency-as-needed = as needed
frequency-as-needed-often = { $often }, as needed
