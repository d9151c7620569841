// CSV (RFC 4180) of metrics, made piece by piece while it is sent: a row per point, a column per
// label that any of the series has.
#pragma once

#include <memory>

#include "runtime/operation.hpp"
#include "series/query.hpp"

namespace telltale::series {

// time,name,<labels>,value
runtime::BytesAnswer csv_answer(std::shared_ptr<const std::vector<Curve>> curves);
std::vector<Curve> curves_of(const std::vector<Raw>& points);  // in their order

}  // namespace telltale::series
