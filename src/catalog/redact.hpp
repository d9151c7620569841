// What an operation's arguments look like in records and events: values under names of secrets are
// hidden, whole env and headers objects too, and long texts are cut.
#pragma once

#include "base/json.hpp"

namespace telltale::catalog {

base::Json redact(const base::Json& arguments);

}  // namespace telltale::catalog
