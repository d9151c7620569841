// Memory, descriptors and CPU of the servers of a run, once a second, thinned out when there are
// too many. Home loop only.
#pragma once

#include "lab/run/pool.hpp"
#include "lab/run/result.hpp"

namespace telltale::lab::run {

class Sampler {
 public:
  explicit Sampler(runtime::Loop& loop) : loop_(loop), began_(loop.clock().now()) {}

  void look(const Pool& pool);  // often; samples when it is time
  std::vector<ResourceSample> take() { return std::move(samples_); }

 private:
  runtime::Loop& loop_;
  base::SteadyTime began_;
  base::SteadyTime next_{};
  base::Duration every_ = std::chrono::seconds(1);
  std::vector<ResourceSample> samples_;
};

}  // namespace telltale::lab::run
