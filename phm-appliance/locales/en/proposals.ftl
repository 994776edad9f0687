document-read = Read this document
document-read-by = The plugin { $plugin } gets this one document for 15 minutes and proposes what it finds. Nothing becomes a record before you accept it, or a rule that you made does.
document-read-purpose = to read one document
proposal-amend = Amend
proposal-amend-title = Amend and accept
proposal-page = Found on page { $page }
proposal-place = Found on page { $page }, { $down } % down and { $right } % across
proposal-open = Open that page
source-plugin-page = Suggested by { $plugin } from page { $page } and accepted here.
reading-heading = What was read
reading-by = Read by the plugin { $plugin } { $version }
reading-nothing = Nothing was found that could be proposed.
reading-not-understood = Not understood: please look for yourself
reading-failed = The plugin did not work ({ $code }). Nothing was proposed. Whoever runs this house finds more in its log.
unreadable-other-kind = The plugin does not read files of this kind.
unreadable-damaged = The file is cut off or damaged. Get it again from where it came, and add it anew.
unreadable-encrypted = The file is locked with a password. Save it without one, and add that.
unreadable-too-large = The file, or what it unpacks to, is larger than the plugin reads.
unreadable-too-many-pages = The document has more pages than the plugin reads.
unreadable-unsupported = The file uses something that the plugin does not know.
unreadable-no-text = There is no text in the file: it is a picture of paper. Reading pictures is still to come.
unread-letters = some of its letters have no meaning in the file
unread-name = no name of a test, or one that does not say what was examined
unread-value = no value, or one that could mean two things
unread-unit = no unit, or one that is not known
unread-range = a reference range that could mean two things
unread-date = a day that could mean two days; the results have no day
unread-columns = not in the columns of a table that is understood
unread-sideways = text that stands sideways
unread-too-many = more results than one document may have
source-plugin-rule = Suggested by { $plugin } and accepted by a rule. Nobody has looked at it.
source-plugin-page-rule = Suggested by { $plugin } from page { $page } and accepted by a rule. Nobody has looked at it.
held-medicine-alert = A rule would have accepted this, but the check of medicines warns: something in the record speaks against it, or against its dose. Look at it before you accept it.
held-medicine-unknown = A rule would have accepted this, but the check of medicines does not know it, or knows nothing about it. Nobody has checked it: ask a pharmacist before you accept it. Where the name is wrong, amend it.
held-medicine-not-compared = A rule would have accepted this, but it could not be compared with every medicine and allergy: some are not understood, or cannot be seen. “Do the medicines go together?” says which. Compare them yourself, or ask a pharmacist, before you accept it.
held-medicine-not-checked = A rule would have accepted this, but it could not be checked with the other medicines and allergies: no plugin that checks medicines is on, it did not answer, or something else was written meanwhile. Ask a pharmacist before you accept it.
acceptance-heading = Accepted without being looked at
acceptance-lead = You may decide beforehand that what one plugin proposes of one kind becomes a record at once. Nobody looks at it then, and the record says so. What is sensitive waits for somebody all the same, and when the plugin changes the rule is over. A medicine is accepted only where the check of medicines knows it and finds nothing against it.
acceptance-none = There is no rule. Everything waits until somebody accepts it.
acceptance-title = { $kind }, from { $plugin } { $version }
acceptance-count = { $count ->
    [one] { $count } record accepted
   *[other] { $count } records accepted
}
acceptance-since = made { $when }
acceptance-holds = In force
acceptance-restored = At rest: the vault was restored from a backup, and the rule may have been ended since. Make it anew if you still want it.
acceptance-plugin-changed = Over: the plugin is not what it was. Make the rule anew if you still want it.
acceptance-maker-may-not = At rest: whoever made it may not decide that now.
acceptance-not-granted = At rest: the plugin is not let add such records.
acceptance-sees-sensitive = At rest: the plugin is let see sensitive records, or has kept or sent something from a time when it was.
acceptance-end = End this rule
acceptance-end-remove = End it and remove what it accepted
acceptance-make = Make a rule
acceptance-what = What is accepted
acceptance-harm = Also medicines, doses, prescriptions and allergies. Warning: a wrong one can harm, and nobody will have looked at it.
acceptance-go = Accept from now on
acceptance-made = The rule is made. What it accepts says so on its page and is removed there like any other record.
acceptance-ended = The rule is ended. Everything waits for somebody again.
acceptance-removed = { $count ->
    [one] { $count } record that it had accepted was removed. Its history stays.
   *[other] { $count } records that it had accepted were removed. Their history stays.
}
acceptance-wrong = Choose what is to be accepted. For medicines, doses, prescriptions and allergies, tick that it is to be so in spite of the warning. Nothing was changed.
acceptance-read = { $count ->
    [one] { $count } record was accepted by a rule.
   *[other] { $count } records were accepted by a rule.
}
audit-acceptance = Made a rule that accepts what a plugin proposes
audit-acceptance-end = Ended a rule that accepted what a plugin proposes
kinds-acceptance = Rules about what plugins propose
mail-acceptance-subject = What a plugin proposes is accepted by a rule
mail-acceptance-text = a rule was made by which what a plugin proposes for records that you look after becomes a record without anybody looking at it. Who made it stands under “Who looked” once you have signed in:
mail-acceptance-end = If that was not meant to be, end the rule on the page of proposals. What it accepted says so, and can be removed.
