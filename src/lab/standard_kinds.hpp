// Every kind of case there is. A new kind is one line in standard_kinds.cpp.
#pragma once

#include "lab/run/kind.hpp"

namespace telltale::lab {

const run::Kinds& standard_kinds();  // made once; any thread

}  // namespace telltale::lab
