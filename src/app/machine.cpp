#include "app/machine.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <thread>

#include <sys/resource.h>
#include <unistd.h>

namespace telltale::app {
namespace {

double cpu_seconds() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// 0 where the kernel does not say.
double memory_in_use() {
  std::ifstream file("/proc/meminfo");
  double total = 0;
  double available = 0;
  double value = 0;
  std::string name;
  std::string unit;
  while (file >> name >> value && std::getline(file, unit)) {
    if (name == "MemTotal:") total = value;
    if (name == "MemAvailable:") available = value;
  }
  return total > 0 && available > 0 ? 1 - available / total : 0;
}

double resident() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  double resident_pages = 0;
  file >> pages >> resident_pages;
  return resident_pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

Machine::Machine(const base::Clock& clock)
    : clock_(clock),
      cores_(std::max(1U, std::thread::hardware_concurrency())),
      last_(clock.now()),
      last_cpu_s_(cpu_seconds()) {}

Machine::Sample Machine::sample() {
  const auto now = clock_.now();
  const auto cpu = cpu_seconds();
  const auto seconds = base::to_seconds(now - last_);
  Sample out{
      .cpu = seconds > 0.001 ? std::clamp((cpu - last_cpu_s_) / seconds / cores_, 0.0, 1.0) : 0,
      .memory = memory_in_use(),
      .resident_bytes = resident()};
  last_ = now;
  last_cpu_s_ = cpu;
  return out;
}

}  // namespace telltale::app
