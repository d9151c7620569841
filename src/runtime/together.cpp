#include "runtime/together.hpp"

#include "base/check.hpp"
#include "runtime/finally.hpp"
#include "runtime/task_crowd.hpp"

namespace telltale::runtime {

Task<> together(std::string name, std::string owner, std::vector<Task<>> tasks) {
  auto* const loop = Loop::current();
  CHECK(loop != nullptr);
  TaskCrowd crowd(*loop, std::move(name), std::move(owner));
  for (auto& task : tasks) crowd.spawn(std::move(task));
  co_await finally(crowd.wait(), crowd.stop());
}

}  // namespace telltale::runtime
