// gunzip: what a gzip file holds (RFC 1952), bounded before anything is made of it. Pure; on a
// thread of the blocking pool where it may be large.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace telltale::net {

bool is_gzip(std::string_view bytes) noexcept;
// invalid_argument: it is none, or is broken; too_large: it would hold more.
base::Result<std::string> gunzip(std::string_view bytes, std::size_t bytes_max);

}  // namespace telltale::net
