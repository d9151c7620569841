#include "net/process_tree.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <map>
#include <set>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace telltale::net {
namespace {

constexpr std::size_t kFamilyLimit = 1U << 16U;  // there are no more numbers than that

std::mutex leaders_mutex;
std::set<int>& leaders() {
  static std::set<int> pids;
  return pids;
}
bool is_leader(int pid) {
  const std::lock_guard lock(leaders_mutex);
  return leaders().contains(pid);
}

// Descendants seen while their ancestry was plain, by pid; `started` tells a reused number.
struct Kin {
  unsigned long long started;
  int leader;
};
std::map<int, Kin>& known_kin() {  // under leaders_mutex
  static std::map<int, Kin> kin;
  return kin;
}
// The process groups that descendants made (setsid): whoever is in one is one of theirs. A process
// that forks and ends a thousand times a second is never there when it is looked at, but its group
// is, and a signal to a group misses nobody.
std::map<int, int>& known_groups() {  // under leaders_mutex; to its leader
  static std::map<int, int> groups;
  return groups;
}
bool is_group_of(int group, int leader) {
  const std::lock_guard lock(leaders_mutex);
  const auto found = known_groups().find(group);
  return found != known_groups().end() && found->second == leader;
}

std::optional<int> leader_of(int pid, unsigned long long started) {
  const std::lock_guard lock(leaders_mutex);
  const auto found = known_kin().find(pid);
  if (found == known_kin().end() || found->second.started != started) return std::nullopt;
  return found->second.leader;
}

std::atomic<bool> subreaper{false};

std::string read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string out;
  std::array<char, 4096>
      bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the read
  for (;;) {
    const auto got = ::read(fd, bytes.data(), bytes.size());
    if (got <= 0) break;
    out.append(bytes.data(), static_cast<std::size_t>(got));
  }
  ::close(fd);
  return out;
}

template <class Visit>
void each_number_in(const std::string& folder, Visit visit) {
  DIR* const directory = ::opendir(folder.c_str());
  if (directory == nullptr) return;
  while (const auto* entry =
             ::readdir(directory)) {  // NOLINT(concurrency-mt-unsafe): the stream is ours alone
    int number = 0;
    const std::string_view name = entry->d_name;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size()) visit(number);
  }
  ::closedir(directory);
}

// /proc/<pid>/stat (proc(5)), from the third field on: the name may hold anything, so the last ')'
// ends it.
struct Stat {
  char state = '?';
  std::array<unsigned long long, 22> field{};  // field[0] is the fourth: the parent
  int parent() const { return static_cast<int>(field[0]); }
  int group() const { return static_cast<int>(field[1]); }
  int session() const { return static_cast<int>(field[2]); }
  unsigned long long cpu_ticks() const { return field[10] + field[11]; }
  unsigned long long threads() const { return field[16]; }
  unsigned long long started() const { return field[18]; }
  unsigned long long resident_pages() const { return field[20]; }
};

std::optional<Stat> read_stat(int pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 4 > text.size()) return std::nullopt;
  Stat out{.state = text[name_end + 2]};
  std::string_view rest = std::string_view(text).substr(name_end + 4);
  for (auto& value : out.field) {
    const auto end = std::min(rest.find(' '), rest.size());
    // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): both ends are given
    std::from_chars(rest.data(), rest.data() + end, value);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::vector<int> children_of(int pid) {
  std::vector<int> out;
  const auto tasks = "/proc/" + std::to_string(pid) + "/task";
  each_number_in(tasks, [&](int thread) {
    const auto text = read_file(tasks + "/" + std::to_string(thread) + "/children");
    const char* at = text.data();
    const char* const end = text.data() + text.size();
    while (at < end) {
      int child = 0;
      const auto parsed = std::from_chars(at, end, child);
      if (parsed.ec == std::errc()) out.push_back(child);
      at = std::max(parsed.ptr, at) + 1;
    }
  });
  return out;
}

enum class Tag { none, ours, other };

Tag tag_of(int pid, const std::string& tag) {
  const auto environment = read_file("/proc/" + std::to_string(pid) + "/environ");
  const auto name = std::string(kChildTag) + "=";
  if (environment.find(name + tag) != std::string::npos) return Tag::ours;
  return environment.find(name) != std::string::npos ? Tag::other : Tag::none;
}

bool alive(const Stat& stat) {
  return stat.state != 'Z' && stat.state != 'X';
}

// As a subreaper every descendant hangs below us, so that our own tree is all there is to look at;
// else an orphan may have gone to init, and all of /proc is looked at.
std::vector<int> candidates() {
  std::vector<int> out;
  if (!subreaper) {
    each_number_in("/proc", [&](int pid) { out.push_back(pid); });
    std::erase(out, static_cast<int>(::getpid()));
    return out;
  }
  return children_of(static_cast<int>(::getpid()));
}

void kill_checked(int pid, unsigned long long started) {
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0) return;
  // From here on the descriptor names one process for ever; the second look tells that it is the
  // one we meant.
  const auto again = read_stat(pid);
  if (again && again->started() == started)
    ::syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, nullptr, 0);
  ::close(pidfd);
}

// Is this process, of another session and group, one of the leader's?
bool left_family(int pid, const Stat& stat, int leader, const std::string& tag) {
  if (is_leader(pid)) return false;
  if (const auto known = leader_of(pid, stat.started())) return *known == leader;
  const auto carried = tag_of(pid, tag);
  // An orphan that we adopted, that carries nobody's tag and is nobody else's kin: it cleaned up
  // behind itself. It came from one of ours, and this is the one that ends.
  return carried == Tag::ours || (carried == Tag::none && subreaper && stat.parent() == ::getpid());
}

}  // namespace

void become_subreaper() {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0) subreaper = true;
}

LeaderRegistration::LeaderRegistration() : lock_(leaders_mutex) {}
void LeaderRegistration::add(int pid) const {
  leaders().insert(pid);
}

void signal_group(int leader, int signal) noexcept {
  ::kill(-leader, signal);
}

void remember_family(int leader) {
  std::vector<int> open;
  {
    const std::lock_guard lock(leaders_mutex);
    for (const auto& [pid, kin] : known_kin())
      if (kin.leader == leader) open.push_back(pid);
  }
  // A number that was kin and has been reused is none any more.
  std::erase_if(open, [leader](int pid) {
    const auto stat = read_stat(pid);
    return !stat || leader_of(pid, stat->started()) != leader;
  });
  for (const int child : children_of(leader)) open.push_back(child);
  std::map<int, Kin> found;
  std::set<int> groups;
  for (std::size_t i = 0; i < open.size() && open.size() < kFamilyLimit; ++i) {
    const auto stat = read_stat(open[i]);
    if (stat) groups.insert(stat->group());  // also of the dead
    if (!stat || !alive(*stat) || found.contains(open[i])) continue;
    found.insert({open[i], {stat->started(), leader}});
    for (const int child : children_of(open[i])) open.push_back(child);
  }
  const std::lock_guard lock(leaders_mutex);
  std::erase_if(known_kin(), [leader](const auto& item) { return item.second.leader == leader; });
  for (const auto& item : found) known_kin().insert_or_assign(item.first, item.second);
  groups.erase(static_cast<int>(::getpgrp()));
  for (const int group : groups)
    if (!leaders().contains(group)) known_groups().insert_or_assign(group, leader);
}

std::size_t kill_survivors(int leader, const std::string& tag) {
  struct Look {
    int pid;
    bool kin;  // its parent is one of the family
  };
  std::vector<Look> open;
  for (const int pid : candidates()) open.push_back({pid, false});
  std::size_t left = 0;
  for (std::size_t i = 0; i < open.size() && open.size() < kFamilyLimit; ++i) {
    const auto [pid, kin] = open[i];
    const auto stat = read_stat(pid);
    if (!stat) {
      // Ended and reaped since it was listed: its children may have come to us since then.
      if (subreaper) ++left;
      continue;
    }
    const bool in_group = is_group_of(stat->group(), leader);
    const bool ours =
        pid == leader || kin || in_group || stat->session() == leader || stat->group() == leader;
    if (!ours && !left_family(pid, *stat, leader, tag)) continue;
    const bool our_child = stat->parent() == static_cast<int>(::getpid());
    // This one, dead or alive, is not reaped yet and so holds the number of its group.
    if (in_group && our_child) {
      signal_group(stat->group(), SIGKILL);
      ++left;
    } else if (pid != leader && (alive(*stat) || our_child)) {
      // Also the dead: it may have ended after it was listed, and its children be ours since then;
      // or only its first thread has ended.
      kill_checked(pid, stat->started());
      ++left;
    }
    for (const int child : children_of(pid)) open.push_back({child, true});
  }
  return left;
}

int innermost(int pid) {
  for (int helpers = 0; helpers < 2; ++helpers) {
    const auto below = children_of(pid);
    if (below.empty()) break;
    pid = below.front();
  }
  return pid;
}

std::optional<ProcessExit> peek_exit(int pidfd) {
  siginfo_t info{};
  const auto id = static_cast<id_t>(pidfd);
  if (::waitid(static_cast<idtype_t>(P_PIDFD), id, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid == 0)
    return std::nullopt;
  if (info.si_code == CLD_EXITED)
    return ProcessExit{.code = info.si_status, .signal = {}, .failure = {}};
  return ProcessExit{.code = {}, .signal = info.si_status, .failure = {}};
}

void reap_leader(int leader, int pidfd) {
  siginfo_t info{};
  const std::lock_guard lock(leaders_mutex);
  if (::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, WEXITED) != 0)
    return;
  leaders().erase(leader);
  std::erase_if(known_groups(), [leader](const auto& item) { return item.second == leader; });
  std::erase_if(known_kin(), [leader](const auto& item) { return item.second.leader == leader; });
}

void reap_orphans() {
  if (!subreaper) return;
  siginfo_t info{};
  if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
    return;  // the usual case
  for (const int child : children_of(static_cast<int>(::getpid()))) {
    const auto stat = read_stat(child);
    const std::lock_guard lock(leaders_mutex);  // not between the look and the wait
    if (stat && stat->state == 'Z' && !leaders().contains(child))
      ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG);
  }
}

std::optional<FamilyUsage> measure_process(int pid) {
  static const auto kTicks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  static const auto kPage = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto stat = read_stat(pid);
  if (!stat || !alive(*stat)) return std::nullopt;
  FamilyUsage out{.cpu_seconds = static_cast<double>(stat->cpu_ticks()) / kTicks,
                  .memory_bytes = stat->resident_pages() * kPage,
                  .threads = stat->threads()};
  each_number_in("/proc/" + std::to_string(pid) + "/fd", [&](int) { ++out.fds; });
  return out;
}

std::optional<FamilyUsage> measure_family(int leader) {
  FamilyUsage out;
  auto open = children_of(leader);
  for (std::size_t i = 0; i < open.size() && open.size() < kFamilyLimit; ++i) {
    const auto one = measure_process(open[i]);
    if (!one) continue;
    out.cpu_seconds += one->cpu_seconds;
    out.memory_bytes += one->memory_bytes;
    out.fds += one->fds;
    out.threads += one->threads;
    for (const int child : children_of(open[i])) open.push_back(child);
  }
  if (out.threads == 0) return std::nullopt;
  return out;
}

}  // namespace telltale::net
