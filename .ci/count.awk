# Sums what test runners say in their closing lines: "passed failed found", found telling whether any line counted.
# Knows cargo nextest, cargo test (doc tests too), pytest, plain lines and node's test runner.

# Summary [   1.2s] 12/15 tests run: 11 passed (1 slow), 1 failed, 0 skipped
/^ *Summary \[.*tests? run:/ {
  nextest = found = 1
  nextest_passed += before(" passed")
  nextest_failed += before(" failed") + before(" timed out") + before(" exec failed")
  next
}
# test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
/^ *test result: / { found = 1; passed += before(" passed"); failed += before(" failed"); next }
# 12 passed, 0 failed
/^ *([a-z]+: )?[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ {
  found = 1; passed += before(" passed"); failed += before(" failed"); next
}
# 1 failed, 11 passed in 0.17s
/^(=+ )?([0-9]+ [a-z]+, )*[0-9]+ (passed|failed|errors?).* in [0-9.]+s/ {
  found = 1; passed += before(" passed"); failed += before(" failed") + before(" error"); next
}
/^# pass [0-9]+$/ { found = 1; passed += $3 }
/^# fail [0-9]+$/ { found = 1; failed += $3 }

# The number right before `words` in this line, or 0.
function before(words, head) {
  if (!index($0, words)) return 0
  head = substr($0, 1, index($0, words) - 1)
  return match(head, /[0-9]+$/) ? substr(head, RSTART) + 0 : 0
}

# nextest shows the closing lines of tests that failed, each of which it has counted itself.
END {
  if (nextest) { passed = nextest_passed; failed = nextest_failed }
  print passed + 0, failed + 0, found + 0
}
