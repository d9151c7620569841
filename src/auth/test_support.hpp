// For the tests of auth: a session service over a store in a folder of its own, users without the
// cost of a password, and operations run as the dispatcher would.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "auth/operations.hpp"
#include "auth/sessions.hpp"
#include "base/check.hpp"
#include "base/encoding.hpp"
#include "base/random.hpp"
#include "store/test_support.hpp"

namespace telltale::auth {

using namespace std::chrono_literals;

inline const std::string kPassword = "correct horse battery";

class Context final : public runtime::OperationContext {
 public:
  explicit Context(runtime::Actor actor) : actor_(std::move(actor)) {}
  const std::string& id() const override { return id_; }
  const runtime::Actor& actor() const override { return actor_; }
  const std::string& trace_id() const override { return id_; }
  void set_subject(std::string) override {}
  void progress(double, std::optional<double>, std::string, base::JsonObject) override {}
  runtime::TaskResult<base::JsonObject> ask(base::JsonObject) override {
    co_return base::JsonObject();
  }

 private:
  std::string id_ = "op_test";
  runtime::Actor actor_;
};

class Operations final : public runtime::OperationRegistry {
 public:
  void add(runtime::Operation operation) override {
    all.emplace(operation.spec.name, std::move(operation));
  }
  std::map<std::string, runtime::Operation> all;
};

class Sessions : public store::StoreTest {
 protected:
  Sessions() { start(""); }
  ~Sessions() override { service_.reset(); }

  void start(const std::string& secret_key) {
    auto opened = SessionService::open(*store_, runtime_.blocking(), secret_key);
    CHECK(opened);
    service_ = std::move(*opened);
  }
  void restart() {
    service_.reset();
    open();
    start("");
  }
  FirstRun first_run(const std::string& password = kPassword) {
    auto out = service_->first_run(password);
    CHECK(out);
    return *out;
  }
  base::Result<SessionAnswer> login(std::string name, std::string password,
                                    std::string address = "10.0.0.1") {
    return run(service_->login(std::move(name), std::move(password),
                               {.address = std::move(address), .agent = "test"}));
  }
  SessionAnswer session() {
    auto out =
        run(service_->exchange_code(service_->first_run("")->login_code, {.address = "10.0.0.9"}));
    CHECK(out);
    return *out;
  }
  base::Result<SessionAnswer> refresh(const std::string& token) {
    return run(service_->refresh(token, {.address = "10.0.0.1"})).answer;
  }
  bool valid(const SessionAnswer& answer) {
    return service_->authenticate(answer.access_token).has_value();
  }

  // As the dispatcher would run it for this user.
  base::Result<base::Json> operate(const std::string& name, const SessionAnswer& by,
                                   base::Json arguments) {
    Operations operations;
    declare_operations(operations, *service_);
    auto who = service_->authenticate(by.access_token);
    if (!who) return std::unexpected(who.error());
    return run(
        operations.all.at(name).run(std::make_shared<Context>(who->actor), std::move(arguments)));
  }
  // A user without the cost of a password: he comes in by a code.
  std::pair<store::UserRecord, SessionAnswer> add_user(const std::string& name,
                                                       const std::string& role) {
    const store::UserRecord user{
        .id = base::new_id("usr"), .username = name, .role = role, .created_at = clock_.wall()};
    CHECK(run(service_->save_user(user, false)));
    const auto code = "code of " + name;
    CHECK(store_->write_now([&](store::Connection& db) {
      return store::save_login_code(db, base::sha256_hex(code), user.id, clock_.wall() + 1h);
    }));
    auto answer = run(service_->exchange_code(code, {.address = "10.0.0.8"}));
    CHECK(answer);
    return {user, *answer};
  }

  std::optional<store::UserRecord> find_user(std::string_view id_or_name) {
    const auto all = service_->directory();
    const auto* found = all->find_user(id_or_name);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }

  std::unique_ptr<SessionService> service_;
};

}  // namespace telltale::auth
