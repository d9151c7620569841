#include "lab/run/sampler.hpp"

namespace telltale::lab::run {

void Sampler::look(const Pool& pool) {
  const auto now = loop_.clock().now();
  if (now < next_) return;
  next_ = now + every_;
  for (const auto& instance : pool.running())
    if (const auto usage = instance->client().sample())
      samples_.push_back({.at_s = base::to_seconds(now - began_),
                          .server = instance->name(),
                          .memory_bytes = usage->memory_bytes,
                          .fds = usage->fds,
                          .cpu_percent = usage->cpu_percent});
  if (samples_.size() <= kSamplesLimit) return;
  std::map<std::string, bool> odd;
  std::erase_if(samples_, [&odd](const auto& one) { return odd[one.server] = !odd[one.server]; });
  every_ *= 2;
}

}  // namespace telltale::lab::run
