/* What gcc's unwinder asks of glibc, for tests with musl: which loaded object holds an address, and where its tables are. */
#define _GNU_SOURCE
#include <link.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

/* The unwinder takes all of them for present if one is, and a static program has only those that somebody names. */
__attribute__((used)) static void *const needed[] = {
    (void *)pthread_once,       (void *)pthread_key_create, (void *)pthread_getspecific,
    (void *)pthread_setspecific, (void *)pthread_mutex_lock, (void *)pthread_mutex_unlock,
};

/* As <dlfcn.h> of glibc 2.35 has it. */
struct dl_find_object {
  unsigned long long flags;
  void *map_start;
  void *map_end;
  struct link_map *link_map;
  void *eh_frame;
  unsigned long long reserved[7];
};

struct search {
  ElfW(Addr) address;
  struct dl_find_object *result;
};

static int look(struct dl_phdr_info *object, size_t size, void *data) {
  struct search *search = data;
  const ElfW(Phdr) *tables = NULL, *around = NULL;
  (void)size;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &object->dlpi_phdr[i];
    ElfW(Addr) begin = object->dlpi_addr + header->p_vaddr;
    if (header->p_type == PT_GNU_EH_FRAME) tables = header;
    if (header->p_type == PT_LOAD && search->address >= begin && search->address < begin + header->p_memsz) around = header;
  }
  if (!around || !tables) return 0;
  memset(search->result, 0, sizeof *search->result);
  search->result->map_start = (void *)(object->dlpi_addr + around->p_vaddr);
  search->result->map_end = (char *)search->result->map_start + around->p_memsz;
  search->result->eh_frame = (void *)(object->dlpi_addr + tables->p_vaddr);
  return 1;
}

int _dl_find_object(void *address, struct dl_find_object *result) {
  struct search search = {(ElfW(Addr))address, result};
  return dl_iterate_phdr(look, &search) ? 0 : -1;
}
