### The other pages.

people-heading = Everyone
people-add = Add a person
people-none = There is nobody here yet.
relation-self = You
relation-owner = Owner
relation-guardian = Guardian
relation-carer = Carer

## Documents

drop-here = Drop a file here, or choose one
drop-kinds = PDF or picture
take-photo = Take a photo
document-file = File
document-view = View
document-download = Download
document-elsewhere = The file itself did not come with this record.

## Import

import-heading = Import
import-lead = Bring in records from a hospital, a laboratory or another program. You see everything first; nothing is written until you say so.
import-choose = Drop a file here, or choose one
import-formats = FHIR R4: .json, .ndjson, also as .gz, .tar.gz or .zip
import-check = Check the file
import-before = Earlier imports
import-none = No imports yet.
import-about = about { $names }
import-added = { $count ->
    [one] { $count } record added
   *[other] { $count } records added
}
import-state-checking = Being checked
import-state-preview = Preview
import-state-importing = Being imported
import-state-done = Imported
import-state-failed = Failed
import-state-undone = Undone
import-progress = { $done } of { $total }
import-preview-lead = This is what the file holds. Nothing has been written yet.
import-holds = In the file
import-balance = What it changes
import-row-added = New
import-row-updated = Newer versions
import-row-unchanged = Known already
import-row-older = Older than what you have
import-row-conflicts = Changed by you as well; both are kept
import-row-skipped = Left out
import-confirm = Import these records
import-see = See the timeline
import-undo = Undo this import
import-undo-explained = All records of this import leave the lists. What you changed by hand afterwards stays. Records that a later file only repeated leave too; import that file again to have them back.
import-undo-yes = Undo it
import-refused = { $count ->
    [one] { $count } entry cannot be taken in
   *[other] { $count } entries cannot be taken in
}
import-refused-lead = A file is taken in whole or not at all. Correct these places and try again.
import-entry = Entry
import-place = Place
import-reason = Reason

## Who looked

who-looked-lead = Every look and every change is written down here and cannot be taken back.
who-looked-none = Nobody has looked yet.
actor-operator = Operator of this machine
audit-everything = Everything
audit-refused = Refused
audit-part = { $what } { $count }
time-span = { $from }–{ $to }
audit-read = Looked at { $records }
audit-add = Added { $records }
audit-amend = Changed { $records }
audit-remove = Removed { $records }
audit-restore = Restored { $records }
audit-rectify = Destroyed { $records }
audit-import = Imported { $records }
audit-export = Exported { $records }
audit-share = Shared { $records }
audit-other = Used { $records }
purpose-self = Own use
purpose-care = Care
purpose-operation = Operation of the machine
purpose-making-the-demo-household = Making the demo household

## Settings

settings-digits = Digits
settings-digits-help = How numbers are written on pages. You may type either.
settings-zone = Time zone
settings-zone-auto = As this device and house: { $zone }
settings-zone-help = Times of appointments and of who looked are shown in it. Some phones hide theirs; then choose it here.
settings-theme = Colours
theme-auto = As the device
theme-light = Light
theme-dark = Dark
settings-devices = Signed-in devices
settings-this-device = This device
settings-end-session = Sign out there
settings-saved = Saved.

## Administration

admin-lead = The state of the house. Nobody's records can be read from here.
admin-checks = Checks
admin-accounts = Accounts
admin-settings = Settings in force
admin-people = People
admin-records = Records
admin-documents = Documents
admin-space = Space used
admin-version = Version
column-setting = Setting
column-source = From
role-admin = Administrator
role-patient = Patient
role-provider = Provider
role-pharmacist = Pharmacist
role-lab = Laboratory
role-front-desk = Front desk
notice-saved = Saved.
notice-removed = Removed. You can bring it back from its history.
notice-restored = Restored.
import-whose = Whose records are these?
import-for = For { $name }
import-for-new = For the people the file names
import-as-new-person = Make a new person for it
import-as-this-person = These are records of { $name }
import-error = The file could not be taken in. Nothing was written.
import-error-other-patient = This file is about somebody else. Nothing was written.
import-error-shared-id = An id in this file means two people, who have other names and dates of birth. Nothing was written, so that nobody is mixed up. Add the person it is about, and import the file on their page.
import-error-invalid-input = Parts of this file cannot be read. Nothing was written.
check-vault = Vault
check-status-ok = All is well
check-status-warn = Works, but needs a look
check-status-fail = Does not work
nav-interactions = Do the medicines go together?
nav-proposals = Proposals of plugins
interactions-not-reviewed = Checked against a table that no clinician has reviewed yet. It does not replace asking your pharmacist.
interactions-unavailable = Nothing was checked: no plugin that knows medicines is on. Whoever runs this house can switch one on.
interactions-failed = Nothing was checked: the plugin that knows medicines did not work ({ $code }). Whoever runs this house finds more in its log.
interactions-nothing = There is no medicine to check.
interactions-part-checked = { $checked } of { $total } medicines were checked. The others were not looked at.
interactions-all-checked = All { $total } medicines were checked.
interactions-no-promise = Where nothing is found, nothing stands in the table. That is no promise that the medicines are safe together.
interactions-partial = You may not see all medicines or allergies of this person, so some were not looked at.
interactions-findings = What was found
interactions-checked = Checked
interactions-nothing-known = Recognised, but the table knows nothing about them
interactions-none-checked = Not checked
interactions-not-checked = Not checked: the names were not understood
interactions-allergies-not-checked = Allergies that were not understood: no medicine was compared with them
interactions-over = Over: their end has passed, so they were not checked
interactions-proposed = Perhaps meant
interactions-may-be = { $name } may be { $substances }. Write the substance into the record to have it checked.
interactions-data = Data: { $data }, from the plugin { $plugin }
finding-interaction = Do not go together
finding-duplicate = The same twice
finding-allergy = Allergy
finding-qt = Both act on the rhythm of the heart
finding-dose-sum = Too much together
severity-contraindicated = Never together
severity-major = Serious
severity-moderate = Needs watching
severity-minor = Worth knowing
proposals-lead = A plugin has read these out. They become records only when you accept them.
proposals-none = No proposal waits.
proposal-by = Proposed by the plugin { $plugin } { $version }
proposal-accept = Accept
proposal-reject = Reject
admin-plugins = Plugins
plugins-lead = A plugin can do what stands here and nothing else, and with records only what their people have granted it. A new one is installed below, or on the machine: phm plugin install.
plugins-none = No plugin is installed.
plugin-on = On
plugin-off = Off
plugin-asks-nothing = It asks for nothing: no records, no network, nothing kept.
plugin-granted = granted
plugin-not-granted = not granted
plugin-sends = Can send what it reads to { $hosts }
plugin-signed = Signed by { $key }
plugin-enable = Switch on with all that it asks for
plugin-disable = Switch off
plugin-log = What it logged in calls about nobody
form-interactions = This does not go well with what is in the record. Nothing was saved yet. A clinician or pharmacist can say more.
form-save-anyway = Save all the same
plugin-takes = For one call it may take { $memory } MiB of memory and { $seconds } s.
plugin-upload = Install a plugin
plugin-upload-file = Package (.phmp, at most 16 MiB)
plugin-upload-look = Look at what it asks for
plugin-upload-lead = Nothing is installed yet. This is what the plugin asks for, and why, in its author's words.
plugin-upload-asks = What it may do
plugin-upload-replaces = Version { $version } of it is installed. This package takes its place, and what it may do is decided anew.
plugin-upload-trusted = Signed by { $name }, whose key is trusted here: { $key }
plugin-upload-unknown = Signed with a key that is not trusted here: { $key }
plugin-upload-trust = Trust this key. Every package it has signed may then be installed, so compare it with what its author tells you in another way.
plugin-upload-whose = Whose key it is
plugin-upload-on = Install and switch on
plugin-upload-off = Install, switched off
plugin-upload-leave = Do not install
plugin-fault-no-file = Choose a package first.
plugin-fault-invalid-package = This is no plugin package, or it is damaged.
plugin-fault-invalid-manifest = The description of the plugin breaks a rule. phm plugin validate tells its author which one.
plugin-fault-invalid-module = The program of the plugin breaks a rule. phm plugin validate tells its author which one.
plugin-fault-unsigned = The package is not signed. Ask its author for a signed one.
plugin-fault-bad-signature = The signature does not fit: the package was changed after it was signed.
plugin-fault-untrusted-key = The key of the signature is not trusted here. Trust it, or do not install the plugin.
plugin-fault-name-missing = Say whose key it is.
plugin-fault-other-author = The name belongs to another author's plugin, and people's grants go by the name.
plugin-fault-older-version = A newer version is installed.
plugin-fault-package-replaced = Another package was installed meanwhile. Look at what it asks for.
plugin-fault-kind-taken = It is installed and off: another plugin of this kind is on, and one works at a time. Switch the other one off first.
plugin-fault-other = The plugin could not be installed.
plugin-settings = Settings
plugin-settings-of = Settings of { $name }
plugin-settings-lead = The names and explanations are its author's words.
plugin-settings-none = It has no settings.
plugin-settings-lines = One a line.
plugin-settings-kept = One is set. It is not shown; leave this empty to keep it.
plugin-settings-unset = None is set.
plugin-settings-forget = Forget what is set
plugin-settings-save = Save
problem-out-of-range = This number is too small or too large.
