#include "runtime/runtime.hpp"

#include <algorithm>
#include <thread>

namespace telltale::runtime {

Runtime::Runtime(std::size_t loops) : tasks_(clock_) {
  if (loops == 0) loops = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 64);
  for (std::size_t i = 0; i < loops; ++i)
    loops_.push_back(std::make_unique<Loop>("loop-" + std::to_string(i), clock_, tasks_));
}

Runtime::~Runtime() {
  stop();
}

void Runtime::start() {
  for (auto& loop : loops_) loop->start_thread();
}

void Runtime::stop() {
  for (auto& loop : loops_) loop->stop();
  blocking_.stop();
}

}  // namespace telltale::runtime
