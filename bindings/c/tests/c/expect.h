/* What the programs beside this file expect: what does not hold is said with its place, and counted. */
#ifndef PHM_TESTS_EXPECT_H
#define PHM_TESTS_EXPECT_H

#include <stdio.h>

static int failures = 0;

#define CHECK(what)                                                      \
  do {                                                                   \
    if (!(what)) {                                                       \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what);         \
      failures++;                                                        \
    }                                                                    \
  } while (0)

#endif
