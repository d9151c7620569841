// The callers of a closed loop whose whole case is one request to a server on pipes, asked as a
// volley (mcp/volley.hpp): what a call costs us is then mostly the pipe. Home loop only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lab/run/instance.hpp"
#include "lab/suite/spec.hpp"
#include "mcp/volley.hpp"

namespace telltale::lab::measure {

class VolleyLoad {
 public:
  struct Events {
    std::function<bool(base::SteadyTime now)> more;  // whether a caller asks (again); counts it
    std::function<void(base::SteadyTime began, base::SteadyTime ended, const std::string& wrong)>
        done;
    std::function<void()> gone;   // one caller asks no more
    std::function<void()> unfit;  // not even one answer can be had this way: begin in another
  };

  // Whether a step can be asked so: nothing of its answer is needed but whether it is as expected.
  static bool fits(const suite::StepSpec& step);
  VolleyLoad(std::shared_ptr<run::Instance> instance, suite::StepSpec step, Events events);

  // unsupported where the server is not on pipes.
  base::Result<void> start(std::size_t callers);
  // Gives up the calls over their time, asks those again that could not be sent; to be called a few
  // times a second.
  void tend();

 private:
  std::string judge(base::Result<mcp::ToolCallResult> outcome) const;
  void ask(std::size_t caller, base::SteadyTime now);
  void ended(std::size_t caller, const std::string& wrong);
  base::SteadyTime now() const { return runtime::Loop::current()->clock().now(); }

  std::shared_ptr<run::Instance> instance_;
  const suite::StepSpec step_;
  const base::Duration limit_;
  Events events_;
  std::unique_ptr<mcp::Volley> volley_;
  enum class State : std::uint8_t { waits, refused, gone };
  struct Caller {
    State state = State::gone;
    base::SteadyTime began{};
  };
  std::vector<Caller> callers_;
};

}  // namespace telltale::lab::measure
