// Several tasks at the same time on this loop, to the end of the last. Cancelled, it cancels them
// and waits for them. What one of them throws is logged and ends only that one.
#pragma once

#include <string>
#include <vector>

#include "runtime/task.hpp"

namespace telltale::runtime {

// They are one record in the task registry: what they do, and for whom.
Task<> together(std::string name, std::string owner, std::vector<Task<>> tasks);

}  // namespace telltale::runtime
