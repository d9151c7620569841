// The system calls that no MCP server needs: a list of refusals (EPERM), as programs of all kinds
// run here; what is not on it is allowed. `strict` also refuses new namespaces and odd sockets.
#include <array>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/process_sandbox.hpp"

namespace telltale::net {
namespace {

// By name: libseccomp knows more calls than this system's headers; one it does not know is not in
// its kernel's reach either.
constexpr std::array kRefused{"acct",
                              "add_key",
                              "adjtimex",
                              "bpf",
                              "clock_adjtime",
                              "clock_settime",
                              "create_module",
                              "delete_module",
                              "fanotify_init",
                              "finit_module",
                              "fsconfig",
                              "fsmount",
                              "fsopen",
                              "fspick",
                              "get_kernel_syms",
                              "init_module",
                              "io_uring_enter",
                              "io_uring_register",
                              "io_uring_setup",
                              "ioperm",
                              "iopl",
                              "kcmp",
                              "kexec_file_load",
                              "kexec_load",
                              "keyctl",
                              "lookup_dcookie",
                              "mount",
                              "mount_setattr",
                              "move_mount",
                              "move_pages",
                              "name_to_handle_at",
                              "nfsservctl",
                              "open_by_handle_at",
                              "open_tree",
                              "perf_event_open",
                              "pidfd_getfd",
                              "pivot_root",
                              "process_madvise",
                              "process_vm_readv",
                              "process_vm_writev",
                              "ptrace",
                              "query_module",
                              "quotactl",
                              "quotactl_fd",
                              "reboot",
                              "request_key",
                              "setdomainname",
                              "sethostname",
                              "setns",
                              "settimeofday",
                              "stime",
                              "swapoff",
                              "swapon",
                              "_sysctl",
                              "sysfs",
                              "syslog",
                              "umount",
                              "umount2",
                              "uselib",
                              "userfaultfd",
                              "ustat",
                              "vhangup"};
constexpr std::array kRefusedStrictly{"unshare", "chroot", "mknod", "mknodat", "personality"};
constexpr std::array<unsigned long, 7> kNamespaces{CLONE_NEWUSER,  CLONE_NEWPID, CLONE_NEWNS,
                                                   CLONE_NEWNET,   CLONE_NEWIPC, CLONE_NEWUTS,
                                                   CLONE_NEWCGROUP};

class Filter {
 public:
  Filter() : context_(::seccomp_init(SCMP_ACT_ALLOW), ::seccomp_release) {
    if (!context_) error_ = ENOMEM;
  }
  void refuse(const char* name) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number != __NR_SCMP_ERROR) check(::seccomp_rule_add(get(), kRefuse, number, 0));
  }
  void refuse_if(int call, const scmp_arg_cmp& condition, std::uint32_t action = kRefuse) {
    check(::seccomp_rule_add(get(), action, call, 1, condition));
  }
  void unknown(int call) { check(::seccomp_rule_add(get(), SCMP_ACT_ERRNO(ENOSYS), call, 0)); }
  void write_to(int fd) { check(::seccomp_export_bpf(get(), fd)); }
  int error() const { return error_; }

 private:
  static constexpr std::uint32_t kRefuse = SCMP_ACT_ERRNO(EPERM);
  scmp_filter_ctx get() { return context_.get(); }
  void check(int result) {
    if (result < 0 && error_ == 0) error_ = -result;
  }
  std::unique_ptr<void, decltype(&::seccomp_release)> context_;
  int error_ = 0;
};

// getifaddrs() asks by netlink.
bool plain_family(int family) {
  return family == AF_UNIX || family == AF_INET || family == AF_INET6 || family == AF_NETLINK;
}
// Below TCP and UDP, or a way into little-tried code of the kernel.
bool low_family(int family) {
  return family == AF_PACKET || family == AF_ALG || family == AF_VSOCK || family == AF_KEY;
}

base::Result<int> make_program(SandboxLevel level) {
  Filter filter;
  for (const char* const name : kRefused) filter.refuse(name);
  for (const unsigned long request :
       {static_cast<unsigned long>(TIOCSTI),
        static_cast<unsigned long>(TIOCLINUX)})  // typing into somebody's terminal
    filter.refuse_if(SCMP_SYS(ioctl), {1, SCMP_CMP_MASKED_EQ, 0xffffffffUL, request});
  for (int family = 0; family < AF_MAX; ++family)
    if (level == SandboxLevel::strict ? !plain_family(family) : low_family(family))
      filter.refuse_if(SCMP_SYS(socket), {0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(family), 0});
  if (level == SandboxLevel::strict) {
    for (const char* const name : kRefusedStrictly) filter.refuse(name);
    for (const auto flag : kNamespaces)
      filter.refuse_if(SCMP_SYS(clone), {0, SCMP_CMP_MASKED_EQ, flag, flag});
    filter.unknown(SCMP_SYS(clone3));  // its flags are out of a filter's sight: libc falls back
  }
  const int low = ::memfd_create("seccomp", MFD_CLOEXEC);
  const int fd = low < 0 ? low : ::fcntl(low, F_DUPFD_CLOEXEC, 16);  // above what a child is given
  if (low >= 0) ::close(low);
  if (fd < 0) return base::fail(base::Code::unavailable, "no memory for the seccomp program");
  filter.write_to(fd);
  if (filter.error() == 0) return fd;
  ::close(fd);
  return base::fail(base::Code::unavailable, std::string("the seccomp program cannot be made: ") +
                                                 ::strerrordesc_np(filter.error()));
}

}  // namespace

base::Result<int> seccomp_program(SandboxLevel level) {
  static const base::Result<int> kStandard = make_program(SandboxLevel::standard);
  static const base::Result<int> kStrict = make_program(SandboxLevel::strict);
  return level == SandboxLevel::strict ? kStrict : kStandard;
}

}  // namespace telltale::net
