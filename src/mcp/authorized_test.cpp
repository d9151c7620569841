// What the transports do with an authorizer: proofs on every attempt, and an end to asking.
#include "mcp/authorized.hpp"

#include "base/json.hpp"
#include "net/http_server.hpp"
#include "net/test_support.hpp"

namespace telltale::mcp {
namespace {

using namespace std::chrono_literals;

class FakeAuthorizer final : public Authorizer {
 public:
  runtime::TaskResult<Proof> headers(std::string, std::string) override {
    Proof out{.generation = ++given_};
    out.headers.set("authorization", "Bearer " + std::to_string(given_));
    co_return out;
  }
  runtime::TaskResult<bool> challenged(Refusal refusal) override {
    refusals_.push_back(std::move(refusal));
    co_return verdict_;
  }
  void accepted(std::uint64_t generation, std::string nonce) override {
    accepted_ = std::to_string(generation) + nonce;
  }
  runtime::Task<> close() override { co_return; }

  base::Result<bool> verdict_ = true;
  std::vector<Refusal> refusals_;
  std::string accepted_;
  std::uint64_t given_ = 0;
};

class AuthorizedTest : public net::NetTest {
 protected:
  AuthorizedTest() {
    server_ =
        std::move(*net::HttpServer::open({.port = 0}, {&loop()}, [this](net::Request request) {
          return answer(this, std::move(request));
        }));
    server_->start();
  }
  ~AuthorizedTest() override {
    run([](net::HttpServer* server) -> runtime::Task<> {
      co_await server->stop(0ms);
    }(server_.get()));
    on_loop([this] { server_.reset(); });
  }
  static runtime::Task<net::Response> answer(AuthorizedTest* self, net::Request request) {
    self->seen_.push_back(std::move(request));
    net::Response out{.status = self->status_, .body = "x"};
    if (self->seen_.size() > self->refused_) out.status = 200;
    out.headers.add("www-authenticate", "Basic realm=\"x\"");
    out.headers.add("www-authenticate", "Bearer scope=\"s\"");
    out.headers.set("dpop-nonce", "n1");
    co_return out;
  }
  // The status of the last answer, or the error.
  base::Result<int> ask() {
    return run(
        send("http://127.0.0.1:" + std::to_string(server_->port()) + "/mcp", &loop(), fake_));
  }
  static runtime::TaskResult<int> send(std::string url, runtime::Loop* loop,
                                       std::shared_ptr<Authorizer> authorizer) {
    net::HttpClient client(*loop, {});
    auto answer = co_await authorized_stream(
        &client, std::move(authorizer),
        {.method = "POST", .url = std::move(url), .body = "the message"});
    if (!answer) co_return std::unexpected(answer.error());
    co_return (*answer)->status();
  }

  std::unique_ptr<net::HttpServer> server_;
  std::shared_ptr<FakeAuthorizer> fake_ = std::make_shared<FakeAuthorizer>();
  std::vector<net::Request> seen_;
  std::size_t refused_ = 2;
  int status_ = 401;
};

TEST_F(AuthorizedTest, AsksAgainWithAnotherProof) {
  EXPECT_EQ(ask(), 200);
  ASSERT_EQ(seen_.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(seen_[i].headers.get_or("authorization", ""), "Bearer " + std::to_string(i + 1));
    EXPECT_EQ(seen_[i].body, "the message");
  }
  ASSERT_EQ(fake_->refusals_.size(), 2U);
  const auto& refusal = fake_->refusals_[1];
  EXPECT_EQ(refusal.generation, 2U);
  EXPECT_EQ(refusal.challenges.size(), 2U);
  EXPECT_EQ(refusal.dpop_nonce, "n1");
  EXPECT_TRUE(refusal.peer.is_loopback());
  EXPECT_EQ(fake_->accepted_, "3n1");
}

TEST_F(AuthorizedTest, NotForEver) {
  refused_ = 1000;
  EXPECT_EQ(ask(), 401);
  EXPECT_EQ(seen_.size(), 5U);
}

TEST_F(AuthorizedTest, WhatIsNotAboutAuthorizationIsTheCallers) {
  status_ = 403;
  fake_->verdict_ = false;
  EXPECT_EQ(ask(), 403);
  EXPECT_EQ(seen_.size(), 1U);
}

TEST_F(AuthorizedTest, AnErrorSaysWhatTheServerAnswered) {
  fake_->verdict_ = base::fail(base::Code::unauthenticated, "somebody has to allow this");
  const auto done = ask();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::Code::unauthenticated);
  EXPECT_EQ(base::find_integer(done.error().data, "http_status"), 401);
}

TEST_F(AuthorizedTest, WithoutAnAuthorizerNothingIsAdded) {
  fake_.reset();
  EXPECT_EQ(ask(), 401);
  EXPECT_EQ(seen_.size(), 1U);
  EXPECT_FALSE(seen_.front().headers.contains("authorization"));
}

}  // namespace
}  // namespace telltale::mcp
