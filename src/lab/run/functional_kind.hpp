// functional: the steps, done once.
#pragma once

#include "lab/run/kind.hpp"

namespace telltale::lab::run {

std::unique_ptr<Kind> functional_kind();

}  // namespace telltale::lab::run
