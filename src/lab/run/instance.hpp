// One server of a suite that runs: its client, and who records what passes. Started and closed by
// the pool (pool.hpp); kinds get it from their CaseContext. Home loop only; close() before the
// last reference goes.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>

#include "lab/run/recorder.hpp"
#include "mcp/client.hpp"

namespace telltale::lab::run {

class Instance {
 public:
  Instance(runtime::Loop& loop, std::string name, mcp::Target target, mcp::ClientSettings settings);

  static runtime::TaskResult<bool> connect(std::shared_ptr<Instance> self);
  static runtime::Task<> close(std::shared_ptr<Instance> self);

  const std::string& name() const noexcept { return name_; }
  mcp::Client& client() noexcept { return client_; }
  bool alive() const noexcept { return why_closed_.empty() && client_.connected(); }
  const std::string& why_closed() const noexcept { return why_closed_; }
  // Breaches of the protocol the client noticed, by rule.
  const std::map<std::string, std::uint64_t>& findings() const noexcept { return findings_; }
  base::JsonObject description() const;  // what it said of itself

  void add(std::shared_ptr<Recorder> recorder);
  void remove(const std::shared_ptr<Recorder>& recorder);

 private:
  void on_message(char direction, std::string_view text);
  mcp::Listener listener();

  static constexpr std::size_t kRulesLimit = 100;
  static constexpr std::size_t kOwnersLimit = 10'000;

  runtime::Loop& loop_;
  std::string name_;
  std::vector<std::shared_ptr<Recorder>> recorders_;
  // Who asked, by the request's id; while several record only.
  std::unordered_map<std::int64_t, std::weak_ptr<Recorder>> owners_;
  std::map<std::string, std::uint64_t> findings_;
  std::string why_closed_;
  mcp::Client client_;
};

}  // namespace telltale::lab::run
