# filt. `make help` lists the targets.

VERSION := 0.1.0
PREFIX ?= /usr/local
CLANG ?= clang
BPF_TARGET ?= bpf
OBJCOPY ?= objcopy
NM ?= nm
BPFTOOL ?= $(or $(shell command -v bpftool),/usr/sbin/bpftool)
CLANG_FORMAT ?= clang-format
BUILD ?= build
JOBS ?= $(shell nproc)

CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wformat-security -Werror

# What Debian hardens its programs with, in front of the flags given, which may take it back. _FORTIFY_SOURCE
# requires optimization and would hide errors from the sanitizers.
given := $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)
sanitized := $(findstring -fsanitize,$(given))$(FUZZING)
optimized := $(if $(sanitized),,$(filter-out -O0,$(lastword $(filter -O%,$(given)))))
fortified := $(if $(optimized),$(if $(findstring _FORTIFY_SOURCE,$(given)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
pie := $(if $(filter -static -no-pie,$(given)),,pie)
HARDENING := -fstack-protector-strong $(fortified) $(pie:pie=-fPIE)
HARDENING_LINK := $(pie:pie=-pie) -Wl,-z,relro,-z,now
override LDFLAGS := $(HARDENING_LINK) $(LDFLAGS)

override CPPFLAGS += -D_GNU_SOURCE -DFILT_VERSION='"$(VERSION)"' -I. -I$(BUILD)
override CFLAGS := $(HARDENING) $(CFLAGS) -std=gnu11 $(WARNINGS)
# filt itself loads libpcap and libbpf when it first calls them (base/lazy.h).
FILT_LIBS := -lseccomp -ljansson -lz -lzstd -lpthread
LDLIBS := -lpcap -lbpf -lelf $(FILT_LIBS)
CHECK_LIBS = $(shell pkg-config --libs check)

# Debian packages that `make deps` installs: to build, then to run the demo and the tests.
PACKAGES := gcc libc6-dev pkg-config clang llvm bpftool libbpf-dev libelf-dev libpcap-dev \
	zlib1g-dev libzstd-dev libcapstone-dev libjansson-dev libseccomp-dev libssl-dev libsmi2-dev libedit-dev libz3-dev check clang-format libclang-rt-14-dev \
	gzip zstd tcpdump tshark iproute2 iptables nftables iputils-ping strace perl time procps util-linux \
	libcap2-bin mandoc graphviz chromium netsniff-ng zsh fish jq python3-jsonschema \
	abigail-tools nmap ngrep tcpflow p0f dnstop sngrep arpwatch
# For `make vm` alone.
VM_PACKAGES := qemu-system-x86 seabios busybox-static cpio

LIBRARIES := cbpf capture print ebpf net base
BPF_SOURCES := $(wildcard ebpf/*.bpf.c ebpf/*/*.bpf.c)
SKELETONS := $(BPF_SOURCES:%.bpf.c=$(BUILD)/%.skel.h)
LIBRARY_SOURCES := $(filter-out $(BPF_SOURCES),$(wildcard $(LIBRARIES:%=%/*.c) $(LIBRARIES:%=%/*/*.c)))
LIBRARY_OBJECTS := $(LIBRARY_SOURCES:%.c=$(BUILD)/%.o)
CLI_SOURCES := $(wildcard cli/*.c cli/*/*.c)
CLI_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out cli/generate/%,$(CLI_SOURCES)))
GENERATE_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard cli/generate/*.c))
UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*_test.c))
TEST_TOOLS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/tools/*.c))
PRELOADED := $(patsubst %.c,$(BUILD)/%.so,$(wildcard tests/preload/*.c))
TEST_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/lib/*.c)) # what tools and unit tests share
# libfilt: what its functions need of these, and no more. The version of its interface, and what may use it.
SONAME := libfilt.so.0
SHARED_SOURCES := $(wildcard libfilt/*.c) $(filter-out base/libpcap.c base/lazy_or_end.c cbpf/proof/%,\
	$(filter cbpf/% net/% base/%,$(LIBRARY_SOURCES))) ebpf/program.c ebpf/extended/extended.c
SHARED_OBJECTS := $(SHARED_SOURCES:%.c=$(BUILD)/pic/%.o)
PCAP_OBJECTS := $(patsubst %.c,$(BUILD)/pic/%.o,$(wildcard libfilt/pcap/*.c))
SHARED_LIBRARIES := $(BUILD)/$(SONAME) $(BUILD)/libfilt.so $(BUILD)/libfilt.a $(BUILD)/libfilt-pcap.so
SHARED_USERS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/libfilt/*.c examples/*.c))
FUZZ_TARGETS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
BENCH_TOOLS := $(patsubst %.c,$(BUILD)/%,$(wildcard bench/*.c))
FORMATTED := $(filter-out $(BUILD)/%,$(wildcard $(foreach depth,*/ */*/,$(depth)*.c $(depth)*.h)))

# Quiet by default: one line per file. V=1 shows the commands.
ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
endif
MAKEFLAGS += --no-print-directory

.PHONY: all help deps vm-deps vm cross-deps cross demo check unit $(UNIT_TESTS:%=%.run) run-tests differential verify bench bench-against asan asan-differential tsan abi fuzz fuzz-targets format check-format install uninstall clean
.DELETE_ON_ERROR:
# Intermediate files to keep. Not all files (a bare .SECONDARY:), or another BUILD would find
# ./filt newer than the sources and build nothing.
.SECONDARY: $(SKELETONS) $(SKELETONS:.skel.h=.bpf.o) \
	$(UNIT_TESTS:%=%.o) $(BUILD)/tests/unit/unit.o $(TEST_TOOLS:%=%.o) $(TEST_OBJECTS) $(BENCH_TOOLS:%=%.o) $(FUZZ_TARGETS:%=%.o)

# Made from the tables of options: completions, and the manual page.
GENERATED := $(BUILD)/filt.bash $(BUILD)/filt.zsh $(BUILD)/filt.fish $(BUILD)/filt.1

all: filt $(SHARED_LIBRARIES) $(GENERATED) ## build ./filt (the default)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

filt: $(BUILD)/filt
	$(Q)cp $< $@

$(BUILD)/filt: $(CLI_OBJECTS) $(LIBRARY_OBJECTS)
	$(say) LINK '$@ ($(strip $(HARDENING) $(HARDENING_LINK)))'
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(FILT_LIBS)

# The table of subcommands is in main.o, beside a main() of its own.
$(BUILD)/cli/table.o: $(BUILD)/cli/main.o
	$(Q)$(OBJCOPY) --redefine-sym main=filt_main $< $@

$(BUILD)/generate: $(GENERATE_OBJECTS) $(BUILD)/cli/table.o $(filter-out $(BUILD)/cli/main.o,$(CLI_OBJECTS)) \
		$(LIBRARY_OBJECTS)
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/filt.%: cli/generate/filt.% $(BUILD)/generate
	$(say) GEN $@
	$(Q)$(BUILD)/generate <$< >$@

$(BUILD)/filt.1: docs/filt.1.in $(BUILD)/generate
	$(say) GEN $@
	$(Q)$(BUILD)/generate <$< >$@

# The skeletons come first: dependencies on them are unknown before the first compilation. A change to
# the Makefile rebuilds everything, because flags may have changed.
$(BUILD)/%.o: %.c Makefile | $(SKELETONS)
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Position-independent, and with all but the public interface hidden.
$(BUILD)/pic/%.o: %.c Makefile
	$(say) CC '$< (libfilt)'
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections -MMD -MP -c -o $@ $<

# One object, in which the hidden names are local: nothing of what is linked with libfilt.a can collide with them.
$(BUILD)/libfilt.o: $(SHARED_OBJECTS) libfilt/filt.map
	$(say) LINK $@
	$(Q)$(LD) -r --gc-sections --gc-keep-exported -o $@.all $(SHARED_OBJECTS)
	$(Q)$(NM) -uPj $@.all >$@.undefined # those that only what was left out needs are no longer needed
	$(Q)$(OBJCOPY) -w --keep-global-symbol='filt_*' --strip-unneeded-symbols=$@.undefined $@.all $@

$(BUILD)/libfilt.a: $(BUILD)/libfilt.o
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) -rcsD $@ $<

$(BUILD)/$(SONAME): $(BUILD)/libfilt.o libfilt/filt.map
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) -shared $(filter-out -pie,$(LDFLAGS)) -Wl,-soname,$(SONAME) -Wl,--version-script=libfilt/filt.map \
		$(if $(sanitized),,-Wl,-z,defs) -o $@ $< -lpthread

$(BUILD)/libfilt.so: $(BUILD)/$(SONAME)
	$(Q)ln -sf $(SONAME) $@

# libpcap's functions for filters, in front of libpcap: to be preloaded. It has libfilt in it.
$(BUILD)/libfilt-pcap.so: $(PCAP_OBJECTS) $(BUILD)/libfilt.o libfilt/pcap/pcap.map
	$(say) LINK $@
	$(Q)objcopy -w --keep-global-symbol='filt_*' --keep-global-symbol='cbpf_list*' --keep-global-symbol=cbpf_check \
		--strip-unneeded-symbols=$(BUILD)/libfilt.o.undefined $(BUILD)/libfilt.o.all $@.filt.o
	$(Q)$(CC) $(CFLAGS) -shared $(filter-out -pie,$(LDFLAGS)) -Wl,-soname,libfilt-pcap.so -Wl,--version-script=libfilt/pcap/pcap.map \
		-o $@ $(PCAP_OBJECTS) $@.filt.o -lpthread

$(BUILD)/cli/explain/picture_page.o: $(wildcard cli/explain/page/*)

# clang -target bpf does not search the directory where Debian keeps the architecture's <asm/types.h>.
$(BUILD)/%.bpf.o: %.bpf.c Makefile
	$(say) BPF $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -target $(BPF_TARGET) -O2 -g $(WARNINGS) -I. \
		-idirafter /usr/include/$$($(CLANG) -print-multiarch) \
		-MMD -MP -c -o $@ $<

$(BUILD)/%.skel.h: $(BUILD)/%.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name $(notdir $*)_bpf > $@

$(BUILD)/tests/unit/%_test: $(BUILD)/tests/unit/%_test.o $(BUILD)/tests/unit/unit.o $(TEST_OBJECTS) $(LIBRARY_OBJECTS) \
		$(filter-out $(BUILD)/cli/main.o,$(CLI_OBJECTS))
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CHECK_LIBS) $(LDLIBS)

# What uses libfilt is linked with it alone. SHARED_USERS are tests, and the examples for others.
$(BUILD)/tests/unit/filt_test: override CPPFLAGS += -Ilibfilt
$(BUILD)/tests/unit/filt_test: $(BUILD)/tests/unit/filt_test.o $(BUILD)/tests/unit/unit.o $(BUILD)/libfilt.so
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) -L$(BUILD) -lfilt -Wl,-rpath,$(abspath $(BUILD)) $(CHECK_LIBS) -lpcap

$(filter-out %/describe %/pcap_calls,$(SHARED_USERS)): $(BUILD)/%: %.c libfilt/filt.h $(BUILD)/libfilt.so Makefile
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Ilibfilt $(CFLAGS) $(LDFLAGS) -o $@ $< -L$(BUILD) -lfilt -Wl,-rpath,$(abspath $(BUILD)) -lpthread

# The archive is a part of the program, whose allocations tests/preload/fail_allocation.c tells from others'.
$(BUILD)/tests/libfilt/describe: tests/libfilt/describe.c libfilt/filt.h $(BUILD)/libfilt.a Makefile
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Ilibfilt $(CFLAGS) $(LDFLAGS) -o $@ $< $(BUILD)/libfilt.a -lpthread

$(BUILD)/tests/libfilt/pcap_calls: tests/libfilt/pcap_calls.c Makefile
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< -lpcap

$(BUILD)/tests/tools/%: $(BUILD)/tests/tools/%.o $(TEST_OBJECTS) $(LIBRARY_OBJECTS)
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/preload/%.so: tests/preload/%.c Makefile
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -shared -fPIC -MMD -MP -o $@ $<

$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o \
		$(filter-out $(BUILD)/ebpf/% $(addprefix $(BUILD)/tests/lib/,fake_skb.o object_loading.o),$(TEST_OBJECTS) $(LIBRARY_OBJECTS))
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer,address,undefined $(LDFLAGS) -o $@ $^ -lpcap -ljansson -lz -lzstd -lpthread

$(BUILD)/bench/%: $(BUILD)/bench/%.o $(LIBRARY_OBJECTS)
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# The stack of a thread that compiles may be small. The sanitizers' frames are larger.
ifneq ($(optimized),)
$(CLI_OBJECTS) $(LIBRARY_OBJECTS): override CFLAGS += -Wframe-larger-than=16384
endif

-include $(shell find $(BUILD) -path $(BUILD)/cross -prune -o -name '*.d' -print 2>/dev/null)

deps: INSTALLED_PACKAGES := $(PACKAGES)
deps: ## install missing packages to build, run and test (Debian, with apt)
vm-deps: INSTALLED_PACKAGES := $(VM_PACKAGES)
vm-deps: # install what `make vm` takes besides
cross-deps: INSTALLED_PACKAGES = qemu-user-static gcc-$(CROSS_$(ARCH))
cross-deps: # install what `make cross` takes besides
deps vm-deps cross-deps:
	@if ! command -v apt-get >/dev/null; then \
		echo "$@: no apt-get here; install the equivalents of: $(INSTALLED_PACKAGES)"; exit 0; fi; \
	missing=; for package in $(INSTALLED_PACKAGES); do \
		dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || \
			missing="$$missing $$package"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; fi; \
	echo "$@: installing with $$sudo apt-get:$$missing"; \
	$$sudo apt-get update -q && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing

# Targets that may install packages run the build in a second make, which sees those packages.
demo: deps ## install, build, and show filt capturing packets that iptables drops
	$(Q)$(MAKE) all
	$(Q)./filt demo

KERNEL ?= 6.1
vm: deps vm-deps ## boot KERNEL (6.1, 5.10, a .deb, a vmlinuz) in qemu, and test filt in it
	$(Q)$(MAKE) all $(BUILD)/tests/tools/extended
	$(Q)BUILD=$(BUILD) tests/vm $(KERNEL)

ARCH ?= s390x
CROSS_arm64 := aarch64-linux-gnu
CROSS_armhf := arm-linux-gnueabihf
CROSS_i386 := i686-linux-gnu
CROSS_s390x := s390x-linux-gnu
CROSS_ppc64el := powerpc64le-linux-gnu
cross: deps cross-deps ## build filt for ARCH (arm64, armhf, i386, s390x, ppc64el), and run its unit tests by qemu
	$(Q)tests/cross $(ARCH)

check: deps ## install, build, and run all tests
	$(Q)$(MAKE) -j$(JOBS) --output-sync all unit
	$(Q)$(MAKE) -j$(JOBS) run-tests

unit: $(UNIT_TESTS:%=%.run) # each library's own tests, with Check

$(UNIT_TESTS:%=%.run): %.run: %
	$(Q)CK_TIMEOUT_MULTIPLIER=$${CK_TIMEOUT_MULTIPLIER:-10} $<

run-tests: filt $(SHARED_LIBRARIES) $(SHARED_USERS) $(GENERATED) $(TEST_TOOLS) $(PRELOADED) # whole runs, with prove
	$(Q)BUILD=$(BUILD) prove --jobs $(JOBS) --rules 'seq=tests/run/write_trace*' --rules 'par=**' --timer \
		--failures --comments tests/run

differential: $(BUILD)/tests/tools/differential ## compare compiled programs with libpcap's (two minutes)
	$(Q)$< --allow-short --random=4000 tests/expressions.txt tests/corpus.txt tests/optimizer-faults.txt

PROVED := tests/expressions.txt tests/corpus.txt tests/optimizer-faults.txt
PROVED_PLACES := jit socket peek tc cgroup xdp xdp-pieces nf
verify: $(BUILD)/tests/tools/verify ## prove compiled programs, machine code and eBPF equal to libpcap's (an hour)
	$(Q)$< -r 4000 $(PROVED)
	$(Q)$< -x jit -u -r 4000 $(PROVED)
	$(Q)for place in $(PROVED_PLACES); do $< -x $$place -r 1000 $(PROVED) || exit 1; done

asan: ## run the unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
asan-differential: ## run `differential` under the sanitizers (half an hour)
asan: SANITIZED := unit
asan-differential: SANITIZED := differential
asan asan-differential:
	$(Q)ASAN_OPTIONS=$${ASAN_OPTIONS:-quarantine_size_mb=4} $(MAKE) BUILD=$(BUILD)/asan CFLAGS='-O1 -g -fno-omit-frame-pointer -DCBPF_DEBUG \
		-fsanitize=address,undefined -fno-sanitize-recover=all' $(SANITIZED)

tsan: ## run threads that use libfilt at once under ThreadSanitizer
	$(Q)$(MAKE) BUILD=$(BUILD)/tsan CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=thread' \
		$(BUILD)/tsan/tests/libfilt/threads
	$(Q)$(BUILD)/tsan/tests/libfilt/threads

# The sanitizers cover the code under test and the targets; the helpers that explore programs run at full speed.
FUZZ_CFLAGS := -fno-omit-frame-pointer -DCBPF_DEBUG -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
ifdef FUZZING
$(LIBRARIES:%=$(BUILD)/%/%.o) $(BUILD)/tests/fuzz/%.o: override CFLAGS += $(FUZZ_CFLAGS)
endif

fuzz: deps ## fuzz all that reads external input; FUZZ_SECONDS=60 per target in tests/fuzz
	$(Q)$(MAKE) all
	$(Q)$(MAKE) CC=$(CLANG) BUILD=$(BUILD)/fuzz FUZZING=1 fuzz-targets
	$(Q)BUILD=$(BUILD)/fuzz tests/fuzz/run

fuzz-targets: $(FUZZ_TARGETS)

bench: deps ## benchmark against tcpdump, strace and bpftrace
	$(Q)$(MAKE) all $(BENCH_TOOLS) $(BUILD)/tests/tools/verify
	$(Q)BUILD=$(BUILD) bench/run

bench-against: deps ## benchmark against another revision of filt, REVISION=...
	$(Q)$(MAKE) all $(BENCH_TOOLS)
	$(Q)BUILD=$(BUILD) bench/against $(REVISION)

format: ## format the sources
	$(Q)$(CLANG_FORMAT) -i $(FORMATTED)

check-format: # fail if `make format` would change anything
	$(Q)$(CLANG_FORMAT) --dry-run -Werror $(FORMATTED)

# What is installed where: below PREFIX, with the name in BUILD.
INSTALLED := share/man/man1/filt.1=filt.1 share/bash-completion/completions/filt=filt.bash \
	share/zsh/site-functions/_filt=filt.zsh share/fish/vendor_completions.d/filt.fish=filt.fish

MANUALS := $(notdir $(wildcard docs/man3/*.3))
LIBDIR ?= lib

install: all ## install under PREFIX (/usr/local), with DESTDIR prepended
	install -D -m 755 filt $(DESTDIR)$(PREFIX)/bin/filt
	ln -sf filt $(DESTDIR)$(PREFIX)/bin/filt-tcpdump
	for pair in $(INSTALLED); do \
		install -D -m 644 $(BUILD)/$${pair#*=} $(DESTDIR)$(PREFIX)/$${pair%=*} || exit 1; done
	install -D -m 644 docs/filt.schema.json $(DESTDIR)$(PREFIX)/share/filt/filt.schema.json
	install -D -m 644 libfilt/filt.h $(DESTDIR)$(PREFIX)/include/filt.h
	install -D -m 644 $(BUILD)/$(SONAME) $(DESTDIR)$(PREFIX)/$(LIBDIR)/$(SONAME).$(VERSION)
	ln -sf $(SONAME).$(VERSION) $(DESTDIR)$(PREFIX)/$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/$(LIBDIR)/libfilt.so
	install -D -m 644 $(BUILD)/libfilt-pcap.so $(DESTDIR)$(PREFIX)/$(LIBDIR)/libfilt-pcap.so
	install -D -m 644 $(BUILD)/libfilt.a $(DESTDIR)$(PREFIX)/$(LIBDIR)/libfilt.a
	install -d $(DESTDIR)$(PREFIX)/$(LIBDIR)/pkgconfig
	sed 's,@prefix@,$(PREFIX),; s,@libdir@,$(LIBDIR),; s,@version@,$(VERSION),' docs/libfilt.pc.in \
		>$(DESTDIR)$(PREFIX)/$(LIBDIR)/pkgconfig/libfilt.pc
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man3 docs/man3/*.3

uninstall: ## remove what install installed
	rm -f $(DESTDIR)$(PREFIX)/bin/filt $(DESTDIR)$(PREFIX)/bin/filt-tcpdump
	for pair in $(INSTALLED); do rm -f $(DESTDIR)$(PREFIX)/$${pair%=*}; done
	rm -f $(DESTDIR)$(PREFIX)/share/filt/filt.schema.json $(DESTDIR)$(PREFIX)/include/filt.h
	rm -f $(DESTDIR)$(PREFIX)/$(LIBDIR)/pkgconfig/libfilt.pc $(MANUALS:%=$(DESTDIR)$(PREFIX)/share/man/man3/%)
	for file in $(SONAME).$(VERSION) $(SONAME) libfilt.so libfilt.a libfilt-pcap.so; do rm -f $(DESTDIR)$(PREFIX)/$(LIBDIR)/$$file; done

ABIDW := abidw --exported-interfaces-only --no-corpus-path --no-comp-dir-path --no-show-locs
abi: $(BUILD)/$(SONAME) # note libfilt's binary interface, with which the tests compare it
	$(Q)$(ABIDW) --header-file libfilt/filt.h --drop-private-types --out-file libfilt/filt.abi $<

clean: ## remove everything built
	rm -rf $(BUILD) filt
