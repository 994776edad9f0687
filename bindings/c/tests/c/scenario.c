/* Runs operations that need no vault: reads lines `op<TAB>arguments` and writes `ok<TAB>answer` or `error<TAB>error` for each.
 * A test feeds it the scenario vectors and compares. */
#include <phm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  char *line = NULL;
  size_t room = 0;
  for (;;) {
    size_t length = 0;
    int letter;
    while ((letter = getchar()) != EOF && letter != '\n') {
      if (length + 1 >= room) {
        room = room == 0 ? 4096 : room * 2;
        char *more = (char *)realloc(line, room);
        if (more == NULL) {
          return 1;
        }
        line = more;
      }
      line[length++] = (char)letter;
    }
    if (letter == EOF && length == 0) {
      break;
    }
    line[length] = '\0';
    char *args = strchr(line, '\t');
    if (args == NULL) {
      return 1;
    }
    *args++ = '\0';
    phm_text *answer = NULL;
    phm_error *error = NULL;
    if (phm_calculate(line, args, strlen(args), &answer, &error) == PHM_OK) {
      const char *data = NULL;
      if (phm_text_data(answer, &data, NULL, NULL) != PHM_OK) {
        return 1;
      }
      printf("ok\t%s\n", data);
      phm_text_free(answer);
    } else {
      printf("error\t%d\t%s\n", (int)phm_error_status(error), phm_error_json(error));
      phm_error_free(error);
    }
  }
  free(line);
  return 0;
}
