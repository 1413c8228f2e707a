# clef.mk: builds a program of all the .c files of a project with Clef. The whole Makefile of a project:
#
#     APP = blog
#     include $(shell pkg-config --variable=makefile clef)
#
# make          the dev kind, build/dev/$(APP): AddressSanitizer, UndefinedBehaviorSanitizer, debugger's symbols
# make run      builds and serves it, and does so again after each change: clef runserver ARGS
# make test     builds tests/*.c with the program's files (without the one that defines main) and runs them with ARGS
# make release  build/release/$(APP): optimised, hardened, Clef linked statically, LTO, stripped. The debugger's symbols lie
#               beside it in $(APP).debug, where debuggers and Clef's own backtraces find them.
#               STATIC=1 links every library statically (each needs its .a): one file that runs on any machine of its kind.
#               It has no HTTP client (libcurl) and no lines in backtraces (libdw): a static program loads no libraries
#               COMPILE_TEMPLATES=1 (here or before the include) turns the templates into C that it contains: it is linked
#               once without them, asked for the C (its command compiletemplates), and linked again
# make clean    removes build/
#
# The release program has the files of the folders templates and static in it (EMBED: other folders; empty: none).
#
# Two builds of one kind at a time would write over each other's files (clef runserver and clef migrate both build): whoever
# builds holds the lock build/.KIND.lock meanwhile. make comes here twice for that: first to take the lock, then to build, with
# CLEF_LOCKED=KIND and without make's built-in rules, which take longer than everything else when nothing is to be done.
#
# May be set before the include: SRC (the .c files; all of this folder and of the folders in it, tests apart), MAIN (the file
# that defines main, main.c), PACKAGES (pkg-config names), CFLAGS, LDFLAGS, LDLIBS, CC, OBJCOPY, PKG_CONFIG.
comma := ,
ifndef APP
$(error set APP, the name of the program, before the include of clef.mk)
endif
ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
OBJCOPY    ?= objcopy
MAIN       ?= main.c
SRC        ?= $(filter-out tests/% build/%,$(wildcard *.c */*.c */*/*.c))
TESTS      ?= $(wildcard tests/*.c tests/*/*.c)

.PHONY: all run test release clean

ifndef CLEF_LOCKED
clef_locked = +@mkdir -p build && { flock -n build/.$(1).lock true || \
                  echo "another build of this project is running; this one begins when it has ended" >&2; } && \
              flock build/.$(1).lock $(MAKE) -r --no-print-directory CLEF_LOCKED=$(1) $(2)

all:
	$(call clef_locked,dev,$@)
release:
	$(call clef_locked,release,$@)
build/dev/%: clef_ask
	$(call clef_locked,dev,$@)
build/release/%: clef_ask
	$(call clef_locked,release,$@)
.PHONY: clef_ask
clef_ask: ;

run:
	@$(shell $(PKG_CONFIG) --variable=tool clef) runserver $(ARGS)

ifneq ($(TESTS),)
test:
	$(call clef_locked,dev,build/dev/$(APP)-tests)
	build/dev/$(APP)-tests $(ARGS)
else
test:
	@echo "no tests: none of the files tests/*.c is there"
endif

clean:
	rm -rf build/*

else
clef_kind    := $(CLEF_LOCKED)
clef_paths   := $(subst \,,$(shell $(PKG_CONFIG) --variable=paths clef))
clef_libdir  := $(word 1,$(clef_paths))
clef_include := $(word 2,$(clef_paths))
clef_needs   := $(wordlist 3,99,$(clef_paths))
ifeq ($(clef_libdir),)
$(error $(PKG_CONFIG) does not find clef: install it, or name the folder of clef.pc in PKG_CONFIG_PATH)
endif
clef_devlib  := $(wildcard $(clef_libdir)/libclef-dev.a)
clef_gcc     := $(if $(findstring clang,$(notdir $(CC))),,yes)
clef_devso   := $(if $(clef_gcc),$(wildcard $(clef_libdir)/libclef-dev.so))

# What makes Clef's tables checked declarations: a wrong member or type is an error of the compiler.
CLEF_CFLAGS  := -std=gnu2x -Wall -Wextra -Werror=int-conversion -Werror=incompatible-pointer-types \
                -Werror=implicit-function-declaration -Werror=implicit-int -MMD -MP
clef_cflags  := $(CLEF_CFLAGS) -I. $(shell $(PKG_CONFIG) --cflags clef $(PACKAGES))
ifneq ($(CLEF_COLOUR),)
clef_cflags  += -fdiagnostics-color=always
endif
clef_links   := -Wl,-z,relro,-z,noexecstack,--as-needed
clef_libs     = $(shell $(PKG_CONFIG) $(if $(STATIC),--static) --libs $(clef_needs) $(PACKAGES)) -lm -pthread

ifeq ($(clef_kind),release)
clef_cflags  += -O2 -g -flto -fPIE -fno-plt -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
ifeq ($(shell uname -m),x86_64)
clef_cflags  += -fcf-protection=branch
endif
# (Packed addresses, for glibc 2.36 and later, make a static program a fifteenth smaller, and a start quicker.)
clef_links   += -Wl,-z,now,-z,pack-relative-relocs -O2 -flto=auto $(if $(STATIC),-static-pie,-pie)
clef_archive := $(clef_libdir)/libclef.a
EMBED        ?= $(wildcard templates static)
clef_files   := $(if $(EMBED),$(shell find $(EMBED) -type f ! -name '*~' | LC_ALL=C sort))
else
clef_cflags  += -O1 -g -fno-omit-frame-pointer
# What the dev kind does for a short wait after each change: the shared library, the fastest linker that is there (mold: `apt
# install mold`), and <clef/clef.h> precompiled.
clef_archive := $(or $(clef_devso),$(clef_devlib),$(clef_libdir)/libclef.a)
clef_links   += $(if $(clef_devso),-Wl$(comma)-rpath$(comma)$(clef_libdir))
# (clang's sanitizers make gold complain.)
clef_links   += $(firstword $(patsubst /usr/bin/ld.%,-fuse-ld=%,$(wildcard /usr/bin/ld.mold $(if $(clef_gcc),/usr/bin/ld.gold))))
# (With clang, a file's list of headers would not tell whether it includes <clef/clef.h> itself.)
clef_pch     := $(if $(clef_gcc),build/dev/clef.h.gch)
ifneq ($(clef_devlib),)
clef_cflags  += -fsanitize=address,undefined -fno-sanitize-recover=undefined
clef_links   += -fsanitize=address,undefined
endif
endif

clef_out     := build/$(clef_kind)
clef_objects := $(SRC:%.c=$(clef_out)/%.o) $(if $(clef_files),$(clef_out)/embedded.o)
clef_tests   := $(TESTS:%.c=$(clef_out)/%.o)
clef_link     = $(CC) $(clef_cflags) $(CFLAGS) $(clef_links) $(LDFLAGS) -o $@ $(filter %.o,$^) $(clef_archive) $(clef_libs) $(LDLIBS)

.DELETE_ON_ERROR:
all release: $(clef_out)/$(APP)

$(clef_out)/$(APP)-tests: $(clef_tests) $(filter-out $(clef_out)/$(MAIN:.c=.o),$(clef_objects)) $(clef_archive)
	$(clef_link)

ifneq ($(and $(COMPILE_TEMPLATES),$(filter release,$(clef_kind))),)
clef_first     := $(clef_out)/first/$(APP)
clef_templates := $(clef_out)/program_templates.o

$(clef_first): $(clef_objects) $(clef_archive)
	@mkdir -p $(@D)
	$(clef_link)

# The file stays as it is when no template changed, and then nothing behind it is built again.
$(clef_templates:.o=.c): $(clef_first) clef_always
	$(clef_first) compiletemplates --output $@ --verbosity 0

$(clef_templates): $(clef_templates:.o=.c)
	$(CC) $(clef_cflags) $(CFLAGS) $(if $(clef_gcc),,-fbracket-depth=4096) -c -o $@ $<

.PHONY: clef_always
endif

$(clef_out)/$(APP): $(clef_objects) $(clef_templates) $(clef_archive)
	$(clef_link)
ifeq ($(clef_kind),release)
	$(OBJCOPY) --only-keep-debug $@ $@.debug
	@chmod a-x $@.debug
	$(OBJCOPY) --strip-all --add-gnu-debuglink=$@.debug $@
endif

# The Makefile is a prerequisite, so that changed flags rebuild.
# The library stands for its hundred headers, which would cost make more time than the compiler takes.
#
# gcc takes a precompiled header only when it comes first in the compilation, which it does not where a file includes another
# header that includes <clef/clef.h>. So it is put first (-include) for the files that include it one way or another: the last
# build's list of a file's headers says so, in the line that takes the place of its "clef.h:". What this does not compile, and a
# file that turns out not to include it, is compiled as it stands: nothing compiles here that would not in the release kind.
clef_compile  = $(CC) $(clef_cflags) $(CFLAGS) $(1) -c -o $@ $<
clef_may      = $(if $(clef_pch),$(or $(clef_includes_it),$(if $(wildcard $(@:.o=.d)),,perhaps)))
clef_quick    = $(call clef_compile,-include $(clef_pch:.gch=)) 2>$@.log && grep -q '/clef/clef\.h:' $(@:.o=.d) && \
                { [ ! -s $@.log ] || cat $@.log >&2; } ||
clef_quiet   := $(findstring s,$(firstword -$(MAKEFLAGS)))

$(clef_out)/%.o: %.c $(firstword $(MAKEFILE_LIST)) $(clef_archive) | $(clef_pch)
	@mkdir -p $(@D)$(if $(clef_quiet),,$(info $(call clef_compile)))
	@$(if $(clef_may),$(clef_quick)) $(call clef_compile)
	@sed -i -e 's|^$(clef_include)/clef/clef\.h:$$|$@: clef_includes_it := yes|' -e 's|$(clef_include)/clef/[^ :]*||g' \
	    -e '/^ *:$$/d' -e '/^ *\\$$/d' $(@:.o=.d)

# The files as a table of names, texts and lengths, which the library looks for.
ifneq ($(clef_files),)
$(clef_out)/embedded.o: $(clef_out)/embedded.S
	$(CC) -c -o $@ $<

$(clef_out)/embedded.S: $(clef_files) $(EMBED) $(firstword $(MAKEFILE_LIST))
	@mkdir -p $(@D)
	@{ echo '.section .rodata'; n=0; \
	   for f in $(clef_files); do \
	       printf '.Ln%d: .asciz "%s"\n.Lf%d: .incbin "%s"\n.Le%d: .byte 0\n' $$n "$$f" $$n "$$f" $$n; n=$$((n + 1)); done; \
	   printf '.section .data.rel.ro,"aw"\n.balign 8\n.globl clef_embedded_project_files\nclef_embedded_project_files:\n'; n=0; \
	   for f in $(clef_files); do printf '.quad .Ln%d, .Lf%d, .Le%d - .Lf%d\n' $$n $$n $$n $$n; n=$$((n + 1)); done; \
	   printf '.quad 0, 0, 0\n.section .note.GNU-stack,"",%%progbits\n'; } >$@
endif

ifneq ($(clef_pch),)
$(clef_pch): $(clef_archive) $(firstword $(MAKEFILE_LIST))
	@mkdir -p $(@D)
	@echo '#include <clef/clef.h>' >$(@:.gch=)
	$(CC) $(clef_cflags) $(CFLAGS) -x c-header -MF $(@:.gch=.d) -o $@ $(@:.gch=)

-include $(clef_pch:.gch=.d)
endif

-include $(clef_objects:.o=.d) $(clef_tests:.o=.d)
endif
