#include "app/test_client.hpp"

#include "base/log.hpp"
#include "base/random.hpp"
#include "simulate/simulation.hpp"

namespace telltale::app {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kViewers = 3;

}  // namespace

TestClient::TestClient(runtime::Loop& loop, std::string url, Token token)
    : loop_(loop),
      url_(std::move(url)),
      token_(std::move(token)),
      gone_(loop),
      tasks_(loop, "test client") {}

void TestClient::start() {
  loop_.post([this] { tasks_.spawn("app.test_client", run(this)); });
}

runtime::Task<> TestClient::run(TestClient* self) {
  struct Gone {
    const runtime::OneShot<bool>& told;
    ~Gone() { told.set(true); }
  } const gone{self->gone_};
  simulate::Plan plan{.url = self->url_,
                      .token = [self]() -> runtime::TaskResult<std::string> {
                        return [](TestClient* client) -> runtime::TaskResult<std::string> {
                          co_return client->token_();
                        }(self);
                      },
                      .verify_peer = false,  // it is ourselves, by whatever name
                      .viewers = kViewers,
                      .duration = std::chrono::hours(24 * 365),
                      .seed = base::secure_seed(),
                      .stay = 30s,
                      .away = 3s,
                      .settled = 10s};
  const auto summary =
      co_await simulate::run(std::move(plan), {}, [self] { return self->ends_.load(); });
  if (!summary)
    base::log(base::LogLevel::error, "app", "--test-client: {}", summary.error().detail);
}

runtime::Task<> TestClient::stop() {
  ends_ = true;
  // They look at it every second and leave over HTTP, which is stopped after them.
  (void)co_await gone_.wait();
  co_await tasks_.stop();
}

}  // namespace telltale::app
