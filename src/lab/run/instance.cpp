#include "lab/run/instance.hpp"

#include <algorithm>
#include <charconv>

namespace telltale::lab::run {
namespace {

constexpr base::Duration kGrace = std::chrono::milliseconds(500);
constexpr std::size_t kHeadBytes = 4096;

// The id of a message, without parsing all of it: it stands before or after the rest, outside every
// string. A server may write its members in any order.
std::optional<std::int64_t> id_of(std::string_view text) {
  const auto read = [](std::string_view part, std::size_t at) -> std::optional<std::int64_t> {
    if (at == std::string_view::npos) return std::nullopt;
    part.remove_prefix(at + 5);
    while (part.starts_with(' ')) part.remove_prefix(1);
    std::int64_t id = 0;
    if (std::from_chars(part.data(), part.data() + part.size(), id).ec != std::errc())
      return std::nullopt;
    return id;
  };
  const auto head = text.substr(0, kHeadBytes);
  const auto result = std::min(head.find("\"result\""), head.find("\"error\""));
  if (const auto at = head.find("\"id\":"); at < result) return read(head, at);
  const auto tail = text.size() > kHeadBytes ? text.substr(text.size() - kHeadBytes) : text;
  return read(tail, tail.rfind("\"id\":"));
}

}  // namespace

Instance::Instance(runtime::Loop& loop, std::string name, mcp::Target target,
                   mcp::ClientSettings settings)
    : loop_(loop),
      name_(std::move(name)),
      client_(loop, std::move(target), std::move(settings), listener()) {}

mcp::Listener Instance::listener() {
  mcp::Listener out;
  out.on_message = [this](char direction, std::string_view text) { on_message(direction, text); };
  out.on_stderr = [this](std::string_view line) {
    for (const auto& recorder : recorders_) recorder->log(line);
  };
  out.on_finding = [this](const mcp::Finding& finding) {
    if (findings_.size() < kRulesLimit || findings_.contains(finding.rule))
      ++findings_[finding.rule];
  };
  out.on_closed = [this](const base::Error& why) { why_closed_ = why.detail; };
  return out;
}

runtime::TaskResult<bool> Instance::connect(std::shared_ptr<Instance> self) {
  auto session = co_await self->client_.connect();
  if (!session) {
    self->why_closed_ = session.error().detail;
    co_return std::unexpected(session.error());
  }
  co_return true;
}

runtime::Task<> Instance::close(std::shared_ptr<Instance> self) {
  co_await self->client_.close(kGrace);
}

base::JsonObject Instance::description() const {
  const auto& session = client_.session();
  if (!session) return {};
  return {{"name", base::string_or(session->server_info, "name")},
          {"version", base::string_or(session->server_info, "version")},
          {"protocol", session->protocol_version},
          {"era", mcp::era_name(session->era)},
          {"transport", mcp::transport_name(session->transport)}};
}

void Instance::add(std::shared_ptr<Recorder> recorder) {
  if (std::ranges::find(recorders_, recorder) == recorders_.end())
    recorders_.push_back(std::move(recorder));
}

void Instance::remove(const std::shared_ptr<Recorder>& recorder) {
  std::erase(recorders_, recorder);
  if (recorders_.empty()) owners_.clear();
}

void Instance::on_message(char direction, std::string_view text) {
  const auto now = loop_.clock().now();
  if (recorders_.size() == 1) return recorders_.front()->message(direction, text, now);
  if (recorders_.empty()) return;
  const auto id = id_of(text);
  if (direction == '>') {
    const auto owner = std::ranges::find_if(recorders_, [text](const auto& one) {
      return text.find(one->trace()) != std::string_view::npos;
    });
    if (owner == recorders_.end()) return;
    if (owners_.size() >= kOwnersLimit) owners_.clear();
    if (id) owners_[*id] = *owner;
    return (*owner)->message(direction, text, now);
  }
  const auto owner = id ? owners_.find(*id) : owners_.end();
  if (owner == owners_.end()) return;
  if (const auto recorder = owner->second.lock()) recorder->message(direction, text, now);
  owners_.erase(owner);
}

}  // namespace telltale::lab::run
