// Keeps pppd from running the scripts in /etc/ppp: without_scripts.so, for LD_PRELOAD.
//
// pppd looks whether a script is there before it forks a process for it, but can be told to leave
// one alone only from 2.5 on (2.4.9: ip-up and ip-down, not ip-pre-up, ipv6-up and the others). So
// it does not find them.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plugin/pppd_compat.h"

static int is_script(const char* path) {
  static const char folder[] = "/etc/ppp/";
  static const char* const names[] = {"net-init",  "net-pre-up", "net-down", "auth-up",
                                      "auth-down", "ip-up",      "ip-down",  "ip-pre-up",
                                      "ipv6-up",   "ipv6-down"};
  if (strncmp(path, folder, sizeof(folder) - 1) != 0) return 0;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
    if (strcmp(path + sizeof(folder) - 1, names[i]) == 0) return 1;
  }
  return 0;
}

// What pppd looks with, up to 2.5.2 and after it. These go before the ones of libc.

EXPORTED int stat(const char* restrict path, struct stat* restrict status) {
  if (is_script(path)) {
    errno = ENOENT;
    return -1;
  }
  return fstatat(AT_FDCWD, path, status, 0);
}

EXPORTED char* realpath(const char* restrict path, char* restrict resolved) {
  if (is_script(path)) {
    errno = ENOENT;
    return NULL;
  }
  char* (*real)(const char*, char*);
  // An older one, which some versions of glibc would give first, takes no NULL.
  void* found = dlvsym(RTLD_NEXT, "realpath", "GLIBC_2.3");
  if (found == NULL) found = dlsym(RTLD_NEXT, "realpath");
  if (found == NULL) {
    errno = ENOSYS;
    return NULL;
  }
  *(void**)&real = found;
  return real(path, resolved);
}
