// The programs behind servers over HTTP that a suite starts itself (`command` beside `url`): each
// is started before the first case of a combination, waited for until it listens, and stopped after
// the last. Owned by the pool, on its loop; stop() before destruction.
#pragma once

#include <map>
#include <memory>

#include "lab/run/target.hpp"
#include "lab/suite/suite.hpp"
#include "net/process.hpp"

namespace telltale::lab::run {

class Programs {
 public:
  explicit Programs(runtime::Loop& loop) : loop_(loop) {}
  Programs(const Programs&) = delete;
  Programs& operator=(const Programs&) = delete;

  // The error says which did not start, and why: what it wrote last.
  static runtime::TaskResult<bool> start(Programs* self, const suite::Suite* suite,
                                         suite::Variables variables, net::OutboundPolicy outbound);
  static runtime::Task<> stop(Programs* self);

  // The variables as this server's spec sees them: with its ${free_port}.
  suite::Variables variables_of(const std::string& server, suite::Variables variables) const;

 private:
  struct Program;
  static runtime::TaskResult<bool> start_one(Programs* self, const suite::Suite* suite,
                                             std::string name, suite::Variables variables,
                                             net::OutboundPolicy outbound);
  static runtime::TaskResult<bool> listens(Programs* self, const Program* program,
                                           base::SteadyTime until, net::OutboundPolicy outbound);

  runtime::Loop& loop_;
  std::map<std::string, std::shared_ptr<Program>> programs_;
};

}  // namespace telltale::lab::run
