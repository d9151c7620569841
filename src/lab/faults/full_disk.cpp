#include "lab/faults/full_disk.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <sys/resource.h>

namespace telltale::lab {
namespace {

constexpr std::size_t kFamilyLimit = 1'000;

// A launcher such as npx writes nothing, its child does.
std::vector<int> family_of(int pid) {
  std::vector<int> out{pid};
  for (std::size_t i = 0; i < out.size() && out.size() < kFamilyLimit; ++i) {
    std::error_code error;
    const auto tasks = std::filesystem::path("/proc") / std::to_string(out[i]) / "task";
    for (std::filesystem::directory_iterator task(tasks, error), end; !error && task != end;
         task.increment(error)) {
      std::ifstream children(task->path() / "children");
      for (int child = 0; children >> child;) out.push_back(child);
    }
  }
  return out;
}

bool limit(int pid, bool full) {
  rlimit now{};
  if (::prlimit(pid, RLIMIT_FSIZE, nullptr, &now) != 0) return false;
  now.rlim_cur = full ? 0 : now.rlim_max;
  return ::prlimit(pid, RLIMIT_FSIZE, &now, nullptr) == 0;
}

bool limit_all(int pid, bool full) {
  if (pid <= 0) return false;
  bool good = false;
  for (const int one : family_of(pid)) good = limit(one, full) || good;
  return good;
}

}  // namespace

bool fill_disk_of(int pid) {
  return limit_all(pid, true);
}
bool free_disk_of(int pid) {
  return limit_all(pid, false);
}

}  // namespace telltale::lab
