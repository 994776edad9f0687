### What may go wrong, by code.

## What is wrong with a field, by code

problem-invalid = This value does not fit here.
problem-required = This is needed.
problem-unknown-unit = This unit is not known. Write it as on the report, for example mg/dL.
problem-unknown-field = This is not part of such a record.
problem-too-long = This is too long.
problem-too-short = This is too short.
problem-no-file = Choose a file first.
problem-invalid-decimal = Write a number, for example 7.2
problem-invalid-number = Write a number, for example 7.2
problem-invalid-length = Write a length of time above zero and of at most a hundred years.
problem-wrong-type = This value does not fit here.
problem-invalid-date = Write a date as 2026-04-03, a month as 2026-04 or a year.
problem-invalid-instant = Write a date as 2026-04-03, a month as 2026-04 or a year.
problem-not-a-time = Give a unit of time, such as days or weeks.
problem-invalid-choice = Choose one of the words offered.
problem-only-one = Give only one of these.
problem-low-above-high = The lower end is above the upper end.
problem-end-before-start = It ends before it begins.
problem-too-many = These are too many.
problem-has-samples = The samples were measured as they are; make a new series instead.
problem-too-many-at-once = So many samples cannot be of one moment; a series shows at most 1,000 of each.
problem-too-easy = This is too easy to guess. Use several words.
problem-password-needed = Type your current password.
problem-too-many-requests = Too many attempts. Wait a few minutes and try again.
problem-no-second-factor = Set up an app or a passkey first.
problem-https-needed = This needs https.
problem-refused = That was not accepted. Try again.
problem-wrong-code = This code is not right.
problem-too-easy-common = Many people use this password, so it is guessed first. Use several words.
problem-too-easy-word = One word alone is easy to guess. Use several words.
problem-too-easy-name = Names are easy to guess. Use several other words.
problem-too-easy-date = Dates and years are easy to guess. Use several words.
problem-too-easy-keys = Neighbouring keys are easy to guess. Use several words.
problem-too-easy-repeats = Repetitions are easy to guess. Use several different words.
problem-too-easy-sequence = Sequences such as abc or 123 are easy to guess. Use several words.
problem-invalid-email = This is not an e-mail address.
problem-invalid-value = This value does not fit here.
problem-truncated-json = The file ends too early. Download or export it again.
problem-invalid-json = This is not written as JSON should be. Export the file again.
problem-not-json = This is not a JSON file.
problem-invalid-utf8 = The letters are not in UTF-8. Export the file again.
problem-damaged-archive = The archive is damaged. Download it again.
problem-encrypted-archive = The archive has a password. Unpack it and choose the files in it.
problem-empty = There is nothing in it.
problem-no-resource-type = It does not say what kind of FHIR resource it is.
problem-unknown-resource-type = FHIR R4 has no such kind of resource.
problem-too-deep = It is nested too deeply.
problem-too-large = This is too large.
problem-duplicate-name = The same name stands here twice.

## What went wrong with a page, by kind

error-not-found-heading = There is nothing here
error-not-found-text = The page does not exist, or it is not yours to see.
error-denied-heading = This has not been shared with you
error-denied-text = Ask the person whose records these are for permission.
error-form-heading = The form is out of date
error-form-text = Go back, load the page again and send it once more.
error-too-large-heading = The file is too large
error-too-large-text = The person who looks after this machine can raise the limit.
error-internal-heading = Something went wrong here
error-internal-text = Nothing was changed that you did not see confirmed. Try again in a moment.
error-busy-heading = One moment, please
error-busy-text = The machine has a lot to do. Try again in a moment.
