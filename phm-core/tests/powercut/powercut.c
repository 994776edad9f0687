/* A disk that forgets: what would be left of a folder if the power failed now.
 *
 * Preloaded into a writer (LD_PRELOAD), this library watches the files below $PHM_CUT_ROOT and keeps in
 * $PHM_CUT_IMAGE only what a strict POSIX file system promises to keep:
 *
 *   - the contents and length of a file, as they were at its last fsync or fdatasync;
 *   - the names in a folder, as they were at the last fsync of that folder.
 *
 * sync_file_range, closing a file and renaming it make nothing durable. The image is
 *
 *   map            "inode id" lines: every file and folder gets an id when it is first seen or created
 *   files/<id>     durable contents
 *   names/<id>     durable names of a folder: "f|d mode id name" lines; the root has id 1
 *
 * The harness kills the writer, builds the folder anew from the image, and opens it. If an image exists at
 * start (after a plain kill), it is continued: files then count as changed from end to end.
 *
 *   PHM_CUT_IGNORE=fdatasync,fsync   these calls answer 0 and keep nothing (for negative controls)
 *   PHM_CUT_FAIL=ENOSPC@12           the 12th watched call (write, sync, truncate, create, link, rename, unlink)
 *                                    fails
 *   PHM_CUT_FAIL=EIO@12+             and so do all calls after it
 *   PHM_CUT_FAIL=EIO@12:sync         only calls of one class count and fail: `write` (and truncate, create), `sync`,
 *                                    or `name` (link, rename, unlink)
 *   PHM_CUT_FAIL=EIO@12:place        a bad sector: every read of a file that covers its byte 12 * 1024 fails
 *   PHM_CUT_FAIL=EROFS@1+            a read-only file system: opening an existing file for writing fails too
 *   PHM_CUT_SLOW=300                 a call that is to fail takes this many milliseconds, as that of a dying disk does
 *   PHM_CUT_LEAK=30                  this many per cent of writes reach the disk by themselves, out of order
 *   PHM_CUT_TRACE=path               every write and every sync that worked is told there in a line, in their order:
 *                                    "w id offset length first-bytes-in-hex", "s id"
 *   PHM_CUT_COUNT=path               the number of watched calls is added there, a line each time, when the process ends
 *                                    and when it says a line on standard error that begins with "round "
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The library's own calls go to the kernel directly, past its own wrappers. */
static int k_open(const char *path, int flags, int mode) { return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode); }
static void k_close(int fd) { syscall(SYS_close, fd); }
static ssize_t k_pread(int fd, void *to, size_t n, off_t at) { return syscall(SYS_pread64, fd, to, n, at); }
static ssize_t k_pwrite(int fd, const void *from, size_t n, off_t at) { return syscall(SYS_pwrite64, fd, from, n, at); }

struct range { off_t from, to; };

struct entry {
    dev_t dev;
    ino_t ino;
    unsigned long id;
    int whole;           /* nothing is known about it: the next sync copies all of it */
    struct range *dirty; /* written since the last sync */
    size_t n_dirty, room;
    unsigned long failures; /* syncs that failed so far, whoever asked for them */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX], image[PATH_MAX];
static size_t root_len;
static struct entry *entries;
static size_t n_entries, room_entries;
static unsigned long next_id = 1;
static int map_fd = -1, trace_fd = -1, active, ignore_fsync, ignore_fdatasync, leak, slow;
enum class { ANY, WRITE, SYNC, NAME, PLACE };
static int fail_errno, fail_ever_after;
static enum class fail_class;
static unsigned long fail_at, calls;
static unsigned int leak_seed = 1;

static void die(const char *what) {
    char text[PATH_MAX + 80];
    int n = snprintf(text, sizeof text, "powercut: %s: %s\n", what, strerror(errno));
    syscall(SYS_write, 2, text, n);
    abort();
}

static int inside(const char *path) {
    return strncmp(path, root, root_len) == 0 && (path[root_len] == '/' || path[root_len] == 0);
}

static int fd_path(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, PATH_MAX - 1);
    if (n < 0) return -1;
    path[n] = 0;
    return 0;
}

static struct entry *find(const struct stat *st) {
    for (size_t i = n_entries; i-- > 0;)
        if (entries[i].ino == st->st_ino && entries[i].dev == st->st_dev) return &entries[i];
    return NULL;
}

/* Gives a file or folder an id of its own; inode numbers are used again after a deletion, ids are not. */
static struct entry *assign(const struct stat *st, unsigned long id, int whole) {
    struct entry *e = find(st);
    if (!e) {
        if (n_entries == room_entries) {
            room_entries = room_entries ? room_entries * 2 : 256;
            entries = realloc(entries, room_entries * sizeof *entries);
            if (!entries) die("memory");
        }
        e = &entries[n_entries++];
        memset(e, 0, sizeof *e);
    }
    e->dev = st->st_dev;
    e->ino = st->st_ino;
    e->whole = whole;
    e->n_dirty = 0;
    e->failures = 0;
    if (id) {
        e->id = id;
        if (id >= next_id) next_id = id + 1;
    } else {
        char line[80];
        e->id = next_id++;
        int n = snprintf(line, sizeof line, "%lu %lu\n", (unsigned long)e->ino, e->id);
        if (syscall(SYS_write, map_fd, line, n) != n) die("map");
    }
    return e;
}

/* What a descriptor knows of the failed syncs of its file. A number that is used again gets its entry at the opening. */
struct descriptor { unsigned long file, told; };
static struct descriptor *descriptors;
static size_t n_descriptors;

static struct descriptor *descriptor(int fd) {
    if (fd < 0) return NULL;
    if ((size_t)fd >= n_descriptors) {
        size_t n = (size_t)fd * 2 + 64;
        descriptors = realloc(descriptors, n * sizeof *descriptors);
        if (!descriptors) die("memory");
        memset(descriptors + n_descriptors, 0, (n - n_descriptors) * sizeof *descriptors);
        n_descriptors = n;
    }
    return &descriptors[fd];
}

static void opened(int fd, const struct entry *e) {
    struct descriptor *d = descriptor(fd);
    if (d) *d = (struct descriptor){e ? e->id : 0, e ? e->failures : 0};
}

static void mark(struct entry *e, off_t from, off_t to) {
    if (e->whole || from >= to) return;
    if (e->n_dirty && e->dirty[e->n_dirty - 1].to == from) {
        e->dirty[e->n_dirty - 1].to = to;
        return;
    }
    if (e->n_dirty == e->room) {
        e->room = e->room ? e->room * 2 : 16;
        e->dirty = realloc(e->dirty, e->room * sizeof *e->dirty);
        if (!e->dirty) die("memory");
    }
    e->dirty[e->n_dirty++] = (struct range){from, to};
}

static void copy_range(int from_fd, int to_fd, off_t from, off_t to) {
    static char buffer[1 << 16];
    while (from < to) {
        size_t want = (size_t)(to - from) < sizeof buffer ? (size_t)(to - from) : sizeof buffer;
        ssize_t n = k_pread(from_fd, buffer, want, from);
        if (n < 0) die("reading what was written");
        if (n == 0) return;
        if (k_pwrite(to_fd, buffer, n, from) != n) die("writing the image");
        from += n;
    }
}

static int image_file(const struct entry *e) {
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/files/%lu", image, e->id);
    int fd = k_open(path, O_RDWR | O_CREAT, 0600);
    if (fd < 0) die(path);
    return fd;
}

/* A descriptor opened for writing only cannot be read from; /proc opens its file again. */
static int readable(int fd) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    return k_open(link, O_RDONLY, 0);
}

static void keep_contents(int fd, struct entry *e, const struct stat *st) {
    int to = image_file(e), from = readable(fd);
    if (from < 0) die("opening what was written");
    if (syscall(SYS_ftruncate, to, st->st_size) != 0) die("truncating the image");
    if (e->whole) copy_range(from, to, 0, st->st_size);
    for (size_t i = 0; i < e->n_dirty; i++) copy_range(from, to, e->dirty[i].from, e->dirty[i].to);
    e->whole = 0;
    e->n_dirty = 0;
    k_close(from);
    k_close(to);
}

static void keep_names(const char *dir, const struct entry *folder) {
    char path[PATH_MAX + 64], temp[PATH_MAX + 64], child[PATH_MAX + 300], line[400];
    snprintf(path, sizeof path, "%s/names/%lu", image, folder->id);
    snprintf(temp, sizeof temp, "%s/names/%lu.new", image, folder->id);
    int out = k_open(temp, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (out < 0) die(temp);
    DIR *listing = opendir(dir);
    if (!listing) die(dir);
    for (struct dirent *d; (d = readdir(listing));) {
        struct stat st;
        if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..")) continue;
        snprintf(child, sizeof child, "%s/%s", dir, d->d_name);
        if (lstat(child, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))) continue;
        struct entry *e = find(&st);
        if (!e) e = assign(&st, 0, 1);
        int n = snprintf(line, sizeof line, "%c %o %lu %s\n", S_ISDIR(st.st_mode) ? 'd' : 'f',
                         (unsigned int)st.st_mode & 07777, e->id, d->d_name);
        if (syscall(SYS_write, out, line, n) != n) die("writing names");
    }
    closedir(listing);
    k_close(out);
    if (syscall(SYS_rename, temp, path) != 0) die("renaming names");
}

/* Everything that stands below `dir` when the first writer starts counts as durable. */
static void take_as_durable(const char *dir, struct entry *folder) {
    unsigned long id = folder->id;
    DIR *listing = opendir(dir);
    if (!listing) die(dir);
    for (struct dirent *d; (d = readdir(listing));) {
        char child[PATH_MAX + 300];
        struct stat st;
        if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..")) continue;
        snprintf(child, sizeof child, "%s/%s", dir, d->d_name);
        if (lstat(child, &st) != 0) continue;
        if (S_ISDIR(st.st_mode)) {
            take_as_durable(child, assign(&st, 0, 0));
        } else if (S_ISREG(st.st_mode)) {
            struct entry *e = assign(&st, 0, 1);
            int fd = k_open(child, O_RDONLY, 0);
            if (fd < 0) die(child);
            keep_contents(fd, e, &st);
            k_close(fd);
        }
    }
    closedir(listing);
    struct entry self = {.id = id};
    keep_names(dir, &self);
}

static void parse_fail(const char *text) {
    if (!text || !*text) return;
    const char *at = strchr(text, '@');
    if (!at) die("PHM_CUT_FAIL needs a call number, for example EIO@12");
    fail_errno = !strncmp(text, "ENOSPC", 6) ? ENOSPC : !strncmp(text, "EROFS", 5) ? EROFS : EIO;
    char *rest;
    fail_at = strtoul(at + 1, &rest, 10);
    fail_ever_after = *rest == '+';
    const char *class = strchr(rest, ':');
    if (class) fail_class = !strcmp(class, ":sync") ? SYNC : !strcmp(class, ":name") ? NAME : !strcmp(class, ":place") ? PLACE : WRITE;
}

__attribute__((constructor)) static void start(void) {
    const char *r = getenv("PHM_CUT_ROOT"), *i = getenv("PHM_CUT_IMAGE"), *ign = getenv("PHM_CUT_IGNORE");
    if (!r || !i) return;
    if (!realpath(r, root)) die(r);
    if (!realpath(i, image)) die(i);
    root_len = strlen(root);
    if (ign) {
        for (const char *p = ign; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
            if (!strncmp(p, "fdatasync", 9)) ignore_fdatasync = 1;
            else if (!strncmp(p, "fsync", 5)) ignore_fsync = 1;
        }
    }
    parse_fail(getenv("PHM_CUT_FAIL"));
    if (getenv("PHM_CUT_SLOW")) slow = atoi(getenv("PHM_CUT_SLOW"));
    if (getenv("PHM_CUT_LEAK")) leak = atoi(getenv("PHM_CUT_LEAK"));
    leak_seed = (unsigned int)getpid();

    const char *told = getenv("PHM_CUT_TRACE");
    if (told && (trace_fd = k_open(told, O_WRONLY | O_CREAT | O_APPEND, 0600)) < 0) die(told);

    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/map", image);
    FILE *old = fopen(path, "r");
    map_fd = k_open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (map_fd < 0) die(path);
    struct stat st;
    if (stat(root, &st) != 0) die(root);
    if (old) {
        unsigned long ino, id;
        while (fscanf(old, "%lu %lu", &ino, &id) == 2) {
            struct stat known = {.st_dev = st.st_dev, .st_ino = ino};
            assign(&known, id, 1);
        }
        fclose(old);
    } else {
        snprintf(path, sizeof path, "%s/files", image);
        if (mkdir(path, 0700) != 0) die(path);
        snprintf(path, sizeof path, "%s/names", image);
        if (mkdir(path, 0700) != 0) die(path);
        take_as_durable(root, assign(&st, 0, 0));
    }
    active = 1;
}

static void note_count(void) {
    const char *path = getenv("PHM_CUT_COUNT");
    if (!path || !active) return;
    int fd = k_open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    char text[32];
    int n = snprintf(text, sizeof text, "%lu\n", calls);
    if (fd >= 0 && syscall(SYS_write, fd, text, n) == n) k_close(fd);
}

__attribute__((destructor)) static void finish(void) { note_count(); }

/* The entry behind a descriptor, or NULL if it is none of ours. */
static struct entry *of_fd(int fd, struct stat *st) {
    char path[PATH_MAX];
    if (!active || syscall(SYS_fstat, fd, st) != 0) return NULL;
    if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode)) return NULL;
    struct entry *e = find(st);
    if (e) return e;
    if (fd_path(fd, path) != 0 || !inside(path)) return NULL;
    return assign(st, 0, 1);
}

/* Counts a watched call; answers 1, with errno set, if this one is to fail. */
static int fails(enum class class) {
    if (fail_class && class != fail_class) return 0;
    calls++;
    if (!fail_at || calls < fail_at || (calls > fail_at && !fail_ever_after)) return 0;
    if (slow) {
        /* Meanwhile others write. After a sync the entry is still needed, so they wait. */
        if (class == WRITE) pthread_mutex_unlock(&lock);
        nanosleep(&(struct timespec){.tv_sec = slow / 1000, .tv_nsec = slow % 1000 * 1000000L}, NULL);
        if (class == WRITE) pthread_mutex_lock(&lock);
    }
    errno = fail_errno;
    return 1;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static void trace(const char *line, int n) {
    if (syscall(SYS_write, trace_fd, line, n) != n) die("the trace");
}

static void trace_write(int fd, const struct entry *e, off_t from, ssize_t n) {
    unsigned char head[32];
    char line[2 * sizeof head + 100];
    int source = readable(fd);
    ssize_t got = source < 0 ? 0 : k_pread(source, head, (size_t)n < sizeof head ? (size_t)n : sizeof head, from);
    k_close(source);
    int at = snprintf(line, sizeof line, "w %lu %lld %zd ", e->id, (long long)from, n);
    for (ssize_t i = 0; i < got; i++) at += snprintf(line + at, sizeof line - at, "%02x", head[i]);
    line[at++] = '\n';
    trace(line, at);
}

static void wrote(int fd, struct entry *e, off_t from, ssize_t n) {
    if (n <= 0) return;
    if (trace_fd >= 0) trace_write(fd, e, from, n);
    if (leak && (int)(rand_r(&leak_seed) % 100) < leak) {
        int to = image_file(e), source = readable(fd);
        if (source >= 0) copy_range(source, to, from, from + n);
        k_close(source);
        k_close(to);
    }
    mark(e, from, from + n);
}

/* Writes at the place the descriptor stands at, or at the end. */
#define STREAM_WRITE(fd, call) \
    struct stat st; \
    if (!active) return call; \
    pthread_mutex_lock(&lock); \
    struct entry *e = of_fd(fd, &st); \
    ssize_t n; \
    if (!e) { pthread_mutex_unlock(&lock); return call; } \
    if (fails(WRITE)) n = -1; \
    else { \
        off_t begin = (fcntl(fd, F_GETFL) & O_APPEND) ? st.st_size : (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR); \
        n = call; \
        int saved = errno; \
        wrote(fd, e, begin, n); \
        errno = saved; \
    } \
    pthread_mutex_unlock(&lock); \
    return n

ssize_t write(int fd, const void *from, size_t count) {
    REAL(write);
    if (fd == 2 && count > 6 && !memcmp(from, "round ", 6)) note_count();
    STREAM_WRITE(fd, real(fd, from, count));
}
ssize_t writev(int fd, const struct iovec *v, int count) { REAL(writev); STREAM_WRITE(fd, real(fd, v, count)); }

#define PLACED_WRITE(fd, at, call) \
    struct stat st; \
    if (!active) return call; \
    pthread_mutex_lock(&lock); \
    struct entry *e = of_fd(fd, &st); \
    ssize_t n; \
    if (!e) { pthread_mutex_unlock(&lock); return call; } \
    if (fails(WRITE)) n = -1; \
    else { \
        n = call; \
        int saved = errno; \
        wrote(fd, e, at, n); \
        errno = saved; \
    } \
    pthread_mutex_unlock(&lock); \
    return n

ssize_t pwrite(int fd, const void *from, size_t count, off_t at) { REAL(pwrite); PLACED_WRITE(fd, at, real(fd, from, count, at)); }
ssize_t pwrite64(int fd, const void *from, size_t count, off64_t at) { REAL(pwrite64); PLACED_WRITE(fd, at, real(fd, from, count, at)); }
ssize_t pwritev(int fd, const struct iovec *v, int count, off_t at) { REAL(pwritev); PLACED_WRITE(fd, at, real(fd, v, count, at)); }
ssize_t pwritev64(int fd, const struct iovec *v, int count, off64_t at) { REAL(pwritev64); PLACED_WRITE(fd, at, real(fd, v, count, at)); }

#define PLACED_READ(fd, count, at, call) \
    struct stat st; \
    if (!active || fail_class != PLACE) return call; \
    pthread_mutex_lock(&lock); \
    off_t bad = (off_t)fail_at * 1024; \
    int failing = of_fd(fd, &st) && bad >= at && bad < at + (off_t)count && bad < st.st_size; \
    pthread_mutex_unlock(&lock); \
    if (failing) errno = fail_errno; \
    return failing ? -1 : call

ssize_t pread(int fd, void *to, size_t count, off_t at) { REAL(pread); PLACED_READ(fd, count, at, real(fd, to, count, at)); }
ssize_t pread64(int fd, void *to, size_t count, off64_t at) { REAL(pread64); PLACED_READ(fd, count, at, real(fd, to, count, at)); }

/* Copies made by the kernel are rare: the whole target counts as changed. */
#define KERNEL_COPY(fd, call) \
    struct stat st; \
    if (!active) return call; \
    pthread_mutex_lock(&lock); \
    struct entry *e = of_fd(fd, &st); \
    ssize_t n; \
    if (e && fails(WRITE)) n = -1; \
    else { \
        n = call; \
        if (e && n > 0) e->whole = 1; \
    } \
    pthread_mutex_unlock(&lock); \
    return n

ssize_t copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t count, unsigned int flags) {
    REAL(copy_file_range);
    KERNEL_COPY(out, real(in, in_at, out, out_at, count, flags));
}
ssize_t sendfile(int out, int in, off_t *at, size_t count);
ssize_t sendfile64(int out, int in, off64_t *at, size_t count);
ssize_t sendfile(int out, int in, off_t *at, size_t count) { REAL(sendfile); KERNEL_COPY(out, real(out, in, at, count)); }
ssize_t sendfile64(int out, int in, off64_t *at, size_t count) { REAL(sendfile64); KERNEL_COPY(out, real(out, in, at, count)); }

#define TRUNCATE(fd, length, call) \
    struct stat st; \
    if (!active) return call; \
    pthread_mutex_lock(&lock); \
    struct entry *e = of_fd(fd, &st); \
    int result; \
    if (e && fails(WRITE)) result = -1; \
    else { \
        result = call; \
        if (e && result == 0 && length < st.st_size) mark(e, length, st.st_size); \
    } \
    pthread_mutex_unlock(&lock); \
    return result

int ftruncate(int fd, off_t length) { REAL(ftruncate); TRUNCATE(fd, length, real(fd, length)); }
int ftruncate64(int fd, off64_t length) { REAL(ftruncate64); TRUNCATE(fd, length, real(fd, length)); }

/* Failed syncs of its file that a descriptor, opened before them, has not been told of. */
static int has_news(int fd, const struct entry *e) {
    struct descriptor *d = descriptor(fd);
    int news = d && d->file == e->id && d->told < e->failures;
    if (d) *d = (struct descriptor){e->id, e->failures};
    return news;
}

/* A failed sync leaves pages that the kernel thinks clean: what was written before it never reaches the disk. As on
 * Linux since 4.13, the failure is told once to every descriptor of the file that was open then: a writer learns of it
 * at its next sync, even when another thread asked for the one that failed. */
#define SYNC(fd, ignored, call) \
    struct stat st; \
    if (!active) return call; \
    pthread_mutex_lock(&lock); \
    struct entry *e = of_fd(fd, &st); \
    if (!e) { pthread_mutex_unlock(&lock); return call; } \
    int result = 0; \
    if (fails(SYNC)) { \
        int saved = errno; \
        e->whole = 0; \
        e->n_dirty = 0; \
        e->failures++; \
        has_news(fd, e); \
        errno = saved; \
        result = -1; \
    } else if (has_news(fd, e)) { \
        errno = fail_errno; \
        result = -1; \
    } else if (!(ignored)) { \
        char path[PATH_MAX]; \
        if (trace_fd >= 0) { char line[32]; trace(line, snprintf(line, sizeof line, "s %lu\n", e->id)); } \
        if (S_ISREG(st.st_mode)) keep_contents(fd, e, &st); \
        else if (fd_path(fd, path) == 0) keep_names(path, e); \
    } \
    pthread_mutex_unlock(&lock); \
    return result

int fsync(int fd) { REAL(fsync); SYNC(fd, ignore_fsync, real(fd)); }
int fdatasync(int fd) { REAL(fdatasync); SYNC(fd, ignore_fdatasync, real(fd)); }

/* Whether the path, relative to a folder's descriptor, lies below the root. Its last part need not exist. */
static int watched(int at, const char *path) {
    char base[PATH_MAX], full[2 * PATH_MAX];
    if (!active) return 0;
    if (path[0] == '/') return inside(path);
    if (at == AT_FDCWD ? !getcwd(base, sizeof base) : fd_path(at, base) != 0) return 0;
    snprintf(full, sizeof full, "%s/%s", base, path);
    return inside(full);
}

/* A file that lies elsewhere may have got the inode number of one that was deleted below the root, and is not that one. */
static int elsewhere(int fd) {
    int saved = errno;
    struct stat st;
    char path[PATH_MAX];
    if (active && fd >= 0 && syscall(SYS_fstat, fd, &st) == 0) {
        pthread_mutex_lock(&lock);
        struct entry *e = find(&st);
        if (e && fd_path(fd, path) == 0 && !inside(path)) {
            free(e->dirty);
            *e = entries[--n_entries];
        }
        pthread_mutex_unlock(&lock);
    }
    errno = saved;
    return fd;
}

#define OPEN(at, path, flags, call) \
    if (!watched(at, path)) return elsewhere(call); \
    int changes = ((flags) & (O_CREAT | O_TRUNC)) || (fail_errno == EROFS && ((flags) & O_ACCMODE) != O_RDONLY); \
    pthread_mutex_lock(&lock); \
    struct stat before, after; \
    int existed = fstatat(at, path, &before, 0) == 0, fd; \
    int fresh = changes && (!existed || ((flags) & O_TRUNC) || fail_errno == EROFS); \
    if (fresh && fails(WRITE)) fd = -1; \
    else { \
        fd = call; \
        int saved = errno; \
        if (fd >= 0 && syscall(SYS_fstat, fd, &after) == 0) { \
            if (!existed && changes) assign(&after, 0, 0); \
            struct entry *e = of_fd(fd, &after); \
            opened(fd, e); \
            if (e && existed && ((flags) & O_TRUNC)) mark(e, 0, before.st_size); \
        } \
        errno = saved; \
    } \
    pthread_mutex_unlock(&lock); \
    return fd

#define MODE(flags) \
    int mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, int); va_end(rest); }

int open(const char *path, int flags, ...) { REAL(open); MODE(flags); OPEN(AT_FDCWD, path, flags, real(path, flags, mode)); }
int open64(const char *path, int flags, ...) { REAL(open64); MODE(flags); OPEN(AT_FDCWD, path, flags, real(path, flags, mode)); }
int openat(int at, const char *path, int flags, ...) { REAL(openat); MODE(flags); OPEN(at, path, flags, real(at, path, flags, mode)); }
int openat64(int at, const char *path, int flags, ...) { REAL(openat64); MODE(flags); OPEN(at, path, flags, real(at, path, flags, mode)); }
int creat(const char *path, mode_t mode) { return open(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return open64(path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

#define MAKE_FOLDER(at, path, call) \
    if (!watched(at, path)) return call; \
    pthread_mutex_lock(&lock); \
    struct stat st; \
    int result = fails(WRITE) ? -1 : call; \
    if (result == 0 && fstatat(at, path, &st, 0) == 0) assign(&st, 0, 0); \
    pthread_mutex_unlock(&lock); \
    return result

int mkdir(const char *path, mode_t mode) { REAL(mkdir); MAKE_FOLDER(AT_FDCWD, path, real(path, mode)); }
int mkdirat(int at, const char *path, mode_t mode) { REAL(mkdirat); MAKE_FOLDER(at, path, real(at, path, mode)); }

/* Names count when their folder is synced, so these calls only take part in failing. */
#define NAME(at, path, call) \
    if (!watched(at, path)) return call; \
    pthread_mutex_lock(&lock); \
    int result = fails(NAME) ? -1 : call; \
    pthread_mutex_unlock(&lock); \
    return result

int link(const char *from, const char *to) { REAL(link); NAME(AT_FDCWD, to, real(from, to)); }
int linkat(int a, const char *from, int b, const char *to, int flags) { REAL(linkat); NAME(b, to, real(a, from, b, to, flags)); }
int rename(const char *from, const char *to) { REAL(rename); NAME(AT_FDCWD, to, real(from, to)); }
int renameat(int a, const char *from, int b, const char *to) { REAL(renameat); NAME(b, to, real(a, from, b, to)); }
int renameat2(int a, const char *from, int b, const char *to, unsigned int flags) { REAL(renameat2); NAME(b, to, real(a, from, b, to, flags)); }
int unlink(const char *path) { REAL(unlink); NAME(AT_FDCWD, path, real(path)); }
int unlinkat(int at, const char *path, int flags) { REAL(unlinkat); NAME(at, path, real(at, path, flags)); }
int rmdir(const char *path) { REAL(rmdir); NAME(AT_FDCWD, path, real(path)); }
