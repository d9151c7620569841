#include "content/fetcher.hpp"

#include <algorithm>

#include "content/dag_pb.hpp"
#include "runtime/run.hpp"

namespace telltale::content {

base::Result<std::unique_ptr<Fetcher>> Fetcher::make(runtime::Loop& loop, FetchSettings settings,
                                                     Keep keep, Accuse accuse) {
  std::unique_ptr<Fetcher> out(
      new Fetcher(loop, std::move(settings), std::move(keep), std::move(accuse)));
  const auto add = [&](Gateway::Kind kind, const std::string& url) -> base::Result<void> {
    auto gateway = Gateway::make(kind, url);
    if (!gateway) return std::unexpected(gateway.error());
    out->gateways_.push_back(std::move(*gateway));
    return {};
  };
  if (!out->settings_.api.empty())
    if (auto added = add(Gateway::Kind::kubo, out->settings_.api); !added)
      return base::fail(added.error().code, "--ipfs-api: " + added.error().detail);
  for (const auto& url : out->settings_.gateways)
    if (auto added = add(Gateway::Kind::trustless, url); !added)
      return base::fail(added.error().code, "--ipfs-gateway: " + added.error().detail);
  out->any_ = !out->gateways_.empty();
  out->publish();
  return out;
}

Fetcher::Fetcher(runtime::Loop& loop, FetchSettings settings, Keep keep, Accuse accuse)
    : loop_(loop),
      settings_(std::move(settings)),
      keep_(std::move(keep)),
      accuse_(std::move(accuse)),
      free_(loop),
      tasks_(loop, "content.fetcher"),
      stats_(std::make_shared<const std::vector<GatewayStats>>()) {}

Fetcher::~Fetcher() = default;

std::vector<GatewayStats> Fetcher::stats() const {
  return *stats_.load();
}

void Fetcher::publish() {
  std::vector<GatewayStats> all;
  all.reserve(gateways_.size());
  for (const auto& gateway : gateways_) all.push_back(gateway.stats(loop_.clock().now()));
  stats_.update([&](std::vector<GatewayStats>& seen) { seen = all; });
}

base::Result<Fetcher::Flight> Fetcher::begin(const Cid& cid, BlockSource::Told told) {
  if (!any_)
    return base::fail(base::Code::not_found, to_text(cid) +
                                                 " is not here, and there is no gateway to ask "
                                                 "(--ipfs-gateway, --ipfs-api)");
  if (const auto found = flights_.find(cid.hash); found != flights_.end()) return found->second;
  if (flights_.size() >= settings_.waiting)
    return base::fail(base::Code::unavailable, "too many blocks are being fetched");
  Flight flight(loop_);
  if (!tasks_.spawn("content.fetch", fly(this, cid, flight, std::move(told))))
    return base::fail(base::Code::unavailable, "the server is shutting down");
  // A task that could be done at once has ended already.
  if (!flight.is_set()) flights_.emplace(cid.hash, flight);
  return flight;
}

runtime::TaskResult<Block> Fetcher::fetch(Cid cid) {
  auto flight = begin(cid, {});
  if (!flight) co_return std::unexpected(flight.error());
  co_return co_await flight->wait();
}

void Fetcher::want(const Cid& cid, BlockSource::Told told) {
  if (any_) (void)begin(cid, std::move(told));
}

runtime::Task<> Fetcher::fly(Fetcher* self, Cid cid, Flight flight, BlockSource::Told told) {
  struct Land {  // whatever happens: whoever waits is told, and the next may try again
    Fetcher* fetcher;
    Cid cid;
    Flight flight;
    BlockSource::Told tell;
    base::SteadyTime began;
    bool counted = false;
    bool came = false;
    ~Land() {
      if (tell) tell(came, fetcher->loop_.clock().now() - began);
      if (counted) {
        --fetcher->running_;
        fetcher->free_.notify_all();
      }
      fetcher->flights_.erase(cid.hash);
      flight.set(base::fail(base::Code::unavailable, "the server is shutting down"));
    }
  } land{.fetcher = self,
         .cid = cid,
         .flight = flight,
         .tell = std::move(told),
         .began = self->loop_.clock().now()};
  while (self->running_ >= self->settings_.concurrent) co_await self->free_.wait();
  ++self->running_;
  land.counted = true;
  auto bytes = co_await runtime::with_timeout<std::string>(
      self->settings_.deadline, to_text(cid) + " did not come in time", self->try_all(cid));
  self->publish();
  if (!bytes) {
    flight.set(std::unexpected(bytes.error()));
    co_return;
  }
  auto block = std::make_shared<const std::string>(std::move(*bytes));
  co_await self->keep_(cid, block);
  land.came = true;
  flight.set(Block(std::move(block)));
}

// Those that are not put aside; when all are, those that only failed, the one next in time first.
std::vector<Gateway*> Fetcher::in_order() {
  std::vector<Gateway*> out;
  for (auto& gateway : gateways_)
    if (gateway.ready(loop_.clock().now())) out.push_back(&gateway);
  if (!out.empty()) return out;
  for (auto& gateway : gateways_)
    if (gateway.trusted()) out.push_back(&gateway);
  std::ranges::sort(out, {}, &Gateway::aside_until);
  return out;
}

runtime::TaskResult<std::string> Fetcher::try_all(Cid cid) {
  std::string said;
  bool failed = false;
  for (auto* const gateway : in_order()) {
    auto bytes = co_await try_one(gateway, cid);
    if (bytes) co_return std::move(*bytes);
    failed = failed || bytes.error().code != base::Code::not_found;
    said.append(said.empty() ? "" : "; ").append(bytes.error().detail);
  }
  if (said.empty()) said = "every gateway has sent wrong bytes and is put aside";
  co_return base::fail(failed ? base::Code::unavailable : base::Code::not_found,
                       to_text(cid) + " could not be fetched: " + said);
}

runtime::TaskResult<std::string> Fetcher::try_one(Gateway* gateway, Cid cid) {
  if (!client_)
    client_ = std::make_unique<net::HttpClient>(
        loop_, net::HttpClientSettings{
                   .connect_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::min<base::Duration>(settings_.attempt, std::chrono::seconds(5))),
                   .header_timeout =
                       std::chrono::duration_cast<std::chrono::milliseconds>(settings_.attempt),
                   .body_limit = kBlockLimit,
                   .idle_per_origin = settings_.concurrent,
                   .outbound = settings_.outbound});
  auto answer = co_await runtime::with_timeout<net::ClientResponse>(
      settings_.attempt, "it did not answer in time", client_->request(gateway->request_for(cid)));
  auto bytes = gateway->judge(cid, std::move(answer), loop_.clock().now());
  if (!bytes && bytes.error().code == base::Code::protocol) {
    publish();
    accuse_(gateway->name(), bytes.error());
  }
  co_return bytes;
}

runtime::Task<> Fetcher::stop() {
  co_await tasks_.stop();
  client_.reset();
}

}  // namespace telltale::content
