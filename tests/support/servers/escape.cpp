// Tries what a sandboxed child must not be able to do, each in a process of its own, and says of
// each on stdout: "ESCAPED name" or "denied name: why".
// escape all|harmless SECRET_FILE HOST_PID TCP_PORT ABSTRACT_NAME UNIX_PATH
// `harmless` tries only what does no harm where nothing stops it: the control that these attempts
// can succeed at all.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

bool everything = false;
std::string secret;
std::string secret_folder;
int host_pid = 0;
int port = 0;
std::string abstract_name;
std::string unix_path;

template <class Attempt>
void attempt(const char* name, Attempt body) {
  std::fflush(stdout);
  int said[2];
  if (::pipe(said) != 0) ::exit(4);
  const int pid = ::fork();
  if (pid == 0) {
    errno = 0;
    const bool escaped = body();
    const int why = errno;
    if (::write(said[1], &why, sizeof why) < 0) ::_exit(2);
    ::_exit(escaped ? 0 : 1);
  }
  ::close(said[1]);
  int why = 0;
  if (::read(said[0], &why, sizeof why) < 0) why = errno;
  ::close(said[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    std::printf("ESCAPED %s\n", name);
  else
    std::printf("denied %s: %s\n", name,
                WIFSIGNALED(status) ? ::strsignal(WTERMSIG(status)) : ::strerror(why));
}
template <class Attempt>
void harmful(const char* name, Attempt body) {
  if (everything) attempt(name, body);
}

bool opens(const std::string& path, int flags) {
  return ::open(path.c_str(), flags | O_CLOEXEC, 0600) >= 0;
}
bool creates(const std::string& path) {
  return opens(path, O_WRONLY | O_CREAT | O_EXCL);
}
template <class... Arguments>
bool call(long number, Arguments... arguments) {
  return ::syscall(number, arguments...) >= 0;
}

bool connects(int family, const sockaddr* address, socklen_t size) {
  const int fd = ::socket(family, SOCK_STREAM, 0);
  return fd >= 0 && ::connect(fd, address, size) == 0;
}
bool connects_local(const std::string& name, bool abstract) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + (abstract ? 1 : 0), name.data(), name.size());
  const auto size = offsetof(sockaddr_un, sun_path) + name.size() + 1;
  return connects(AF_UNIX, reinterpret_cast<const sockaddr*>(&address),
                  static_cast<socklen_t>(size));
}
bool connects_tcp(const char* to, int at) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(at));
  ::inet_pton(AF_INET, to, &address.sin_addr);
  return connects(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

void files() {
  attempt("read_secret", [] { return opens(secret, O_RDONLY); });
  attempt("list_secret_folder", [] { return ::opendir(secret_folder.c_str()) != nullptr; });
  attempt("write_beside_secret", [] { return creates(secret_folder + "/written"); });
  attempt("overwrite_secret", [] { return opens(secret, O_WRONLY); });
  attempt("follow_symlink_out", [] {
    const std::string link = "/tmp/link-" + std::to_string(::getpid());
    return ::symlink(secret.c_str(), link.c_str()) == 0 && opens(link, O_RDONLY);
  });
  attempt("read_shadow", [] { return opens("/etc/shadow", O_RDONLY); });
  attempt("read_home_of_root", [] { return ::opendir("/root") != nullptr; });
  attempt("list_run", [] { return ::opendir("/run") != nullptr; });
  attempt("open_dev_mem", [] { return opens("/dev/mem", O_RDWR) || opens("/dev/kmsg", O_RDWR); });
  attempt("open_a_disk", [] { return opens("/dev/vda", O_RDONLY) || opens("/dev/sda", O_RDONLY); });
  attempt("write_core_pattern", [] { return opens("/proc/sys/kernel/core_pattern", O_WRONLY); });
  attempt("open_sysrq", [] { return opens("/proc/sysrq-trigger", O_WRONLY); });
  attempt("open_sys", [] {
    return opens("/sys/kernel/uevent_helper", O_WRONLY) || ::opendir("/sys/fs/cgroup") != nullptr;
  });
  harmful("write_usr", [] { return creates("/usr/telltale-escape"); });
  harmful("write_etc", [] { return creates("/etc/telltale-escape"); });
  harmful("write_root", [] { return creates("/telltale-escape"); });
  harmful("replace_own_program",
          [] { return ::unlink("/proc/self/exe") == 0 || opens("/proc/self/exe", O_WRONLY); });
  harmful("replace_node",
          [] { return opens("/usr/bin/node", O_WRONLY) || ::chmod("/usr/bin/node", 0777) == 0; });
  harmful("make_block_device",
          [] { return ::mknod("/tmp/disk", S_IFBLK | 0600, ::makedev(8, 0)) == 0; });
}

void processes() {
  attempt("see_host_process", [] {
    // Its number may exist in here; it is the host's only if it says so.
    FILE* const file = ::fopen(("/proc/" + std::to_string(host_pid) + "/comm").c_str(), "r");
    char name[64] = {};
    return file != nullptr && ::fgets(name, sizeof name, file) != nullptr &&
           std::strstr(name, "k12_sandbox") != nullptr;
  });
  attempt("signal_host_process", [] { return ::kill(host_pid, 0) == 0; });
  attempt("trace_parent",
          [] { return ::ptrace(PTRACE_SEIZE, ::getppid(), nullptr, nullptr) == 0; });
  attempt("read_memory_of_parent", [] {
    char byte = 0;
    iovec here{&byte, 1};
    iovec there{reinterpret_cast<void*>(&everything), 1};
    return ::process_vm_readv(::getppid(), &here, 1, &there, 1, 0) == 1;
  });
  attempt("raise_priority", [] { return ::setpriority(PRIO_PROCESS, 0, -5) == 0; });
  attempt("real_time", [] {
    const sched_param top{.sched_priority = 1};
    return ::sched_setscheduler(0, SCHED_FIFO, &top) == 0;
  });
  attempt("become_another_user", [] { return ::setresuid(12345, 12345, 12345) == 0; });
  attempt("has_capabilities", [] {
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct data[2] = {};
    return call(SYS_capget, &header, data) && (data[0].effective | data[1].effective) != 0;
  });
  attempt("gain_by_setuid_program", [] { return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0; });
  attempt("leave_a_core", [] {
    rlimit core{};
    return ::getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max != 0;
  });
  attempt("inherited_descriptor", [] {
    for (int fd = 3; fd < 64; ++fd)
      if (::fcntl(fd, F_GETFD) >= 0 && fd > 4) return true;  // 3 and 4: our own pipe
    return false;
  });
}

void namespaces() {
  attempt("new_user_namespace", [] { return ::unshare(CLONE_NEWUSER) == 0; });
  attempt("new_mount_namespace", [] { return ::unshare(CLONE_NEWNS) == 0; });
  attempt("clone_into_user_namespace", [] {
    const long pid =
        ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
    if (pid == 0) ::_exit(0);
    return pid > 0;
  });
  attempt("clone3_into_user_namespace", [] {
    std::uint64_t arguments[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0};
    const long pid = ::syscall(SYS_clone3, arguments, sizeof arguments);
    if (pid == 0) ::_exit(0);
    return pid > 0;
  });
  attempt("enter_namespace", [] {
    const int fd = ::open("/proc/1/ns/mnt", O_RDONLY);
    return fd >= 0 && ::setns(fd, 0) == 0;
  });
  harmful("mount", [] { return ::mount("none", "/tmp", "tmpfs", 0, nullptr) == 0; });
  harmful("mount_by_new_calls", [] { return call(SYS_fsopen, "tmpfs", 0); });
  harmful("unmount",
          [] { return ::umount2("/tmp", MNT_DETACH) == 0 || ::umount2("/proc", MNT_DETACH) == 0; });
  harmful("remount_writable",
          [] { return ::mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND, nullptr) == 0; });
  harmful("pivot_root", [] { return call(SYS_pivot_root, "/tmp", "/tmp"); });
  attempt("chroot", [] { return ::chroot("/tmp") == 0; });
  harmful("set_hostname", [] { return ::sethostname("escaped", 7) == 0; });
}

void kernel() {
  attempt("bpf", [] { return call(SYS_bpf, 5, nullptr, 0) || errno != EPERM; });
  attempt("perf_event_open",
          [] { return call(SYS_perf_event_open, nullptr, 0, -1, -1, 0) || errno != EPERM; });
  attempt("userfaultfd", [] { return call(SYS_userfaultfd, 0) || errno != EPERM; });
  attempt("io_uring", [] { return call(SYS_io_uring_setup, 1, nullptr) || errno != EPERM; });
  attempt("add_key",
          [] { return call(SYS_add_key, "user", "escape", "x", 1, -2) || errno != EPERM; });
  attempt("keyctl", [] { return call(SYS_keyctl, 0, -3, 1) || errno != EPERM; });
  attempt("open_by_handle",
          [] { return call(SYS_open_by_handle_at, -1, nullptr, 0) || errno != EPERM; });
  attempt("pidfd_getfd", [] { return call(SYS_pidfd_getfd, -1, 0, 0) || errno != EPERM; });
  attempt("kcmp", [] { return call(SYS_kcmp, ::getpid(), ::getpid(), 1, 0, 0) || errno != EPERM; });
  attempt("personality", [] { return ::personality(ADDR_NO_RANDOMIZE) >= 0; });
  attempt("syslog", [] { return call(SYS_syslog, 10, nullptr, 0); });
  attempt("io_ports", [] { return ::iopl(3) == 0; });
  harmful("init_module", [] { return call(SYS_init_module, nullptr, 0, "") || errno != EPERM; });
  harmful("kexec", [] { return call(SYS_kexec_load, 0, 0, nullptr, 0) || errno != EPERM; });
  harmful("swapoff", [] { return ::swapoff("/none") == 0 || errno != EPERM; });
  harmful("set_time", [] {
    timeval now{};
    ::gettimeofday(&now, nullptr);
    return ::settimeofday(&now, nullptr) == 0;
  });
  harmful("reboot", [] { return ::reboot(RB_DISABLE_CAD) == 0; });
  harmful("quotactl", [] { return call(SYS_quotactl, 0, nullptr, 0, nullptr) || errno != EPERM; });
}

void network() {
  attempt("connect_to_host", [] { return connects_tcp("127.0.0.1", port); });
  attempt("connect_to_internet", [] {
    const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);  // no packet is sent: is there a way at all?
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(53);
    ::inet_pton(AF_INET, "192.0.2.1", &address.sin_addr);
    return fd >= 0 &&
           ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  });
  attempt("abstract_socket_of_host", [] { return connects_local(abstract_name, true); });
  attempt("unix_socket_of_host", [] { return connects_local(unix_path, false); });
  attempt("packet_socket", [] { return ::socket(AF_PACKET, SOCK_RAW, 0) >= 0; });
  attempt("raw_socket", [] { return ::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0; });
  attempt("vsock", [] { return ::socket(AF_VSOCK, SOCK_STREAM, 0) >= 0; });
  attempt("crypto_socket", [] { return ::socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0; });
  attempt("type_into_terminal", [] {
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
    char key = 'x';
    return terminal >= 0 && ::ioctl(terminal, TIOCSTI, &key) == 0;
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  everything = std::string_view(argv[1]) == "all";
  secret = argv[2];
  secret_folder = secret.substr(0, secret.rfind('/'));
  host_pid = std::atoi(argv[3]);
  port = std::atoi(argv[4]);
  abstract_name = argv[5];
  unix_path = argv[6];
  files();
  processes();
  namespaces();
  kernel();
  network();
  std::printf("done\n");
  return 0;
}
