// Conversation: drives a Wire through one Scene: sends requests with ids, waits for what belongs to
// them, answers what the server asks for (ping, roots; everything else we have not declared) and
// writes down all of it. Owned by the task that plays the scene; home loop only; ends with it.
#pragma once

#include <memory>

#include "lab/conformance/record.hpp"
#include "lab/wire/wire.hpp"
#include "mcp/http_headers.hpp"

namespace telltale::lab {

struct Asking {
  std::optional<base::Json> id = {};  // else the next number
  std::optional<base::Duration> limit = {};
  bool bare = false;                      // modern: without the _meta every request carries
  bool wait_end = false;                  // HTTP: for the end of the answer too, a little
  std::string version = {};               // modern: claims this one
  net::Headers headers = {};              // HTTP: besides and instead of the usual
  std::vector<std::string> without = {};  // HTTP: usual headers that are left out
  std::string method = "POST";
};

class Conversation {
 public:
  Conversation(std::shared_ptr<Wire> wire, mcp::Era era, Scene* scene, base::Duration limit,
               const base::Clock& clock);

  // A request, until its answer.
  runtime::Task<const Step*> ask(std::string name, std::string method, base::JsonObject params,
                                 Asking how = {});
  // Any text (a notification, garbage), until it is clear that no answer comes: a request behind it
  // is answered, or the HTTP exchange has ended. Step::alive says whether that was so.
  runtime::Task<const Step*> tell(std::string name, std::string text, Asking how = {});
  runtime::Task<const Step*> notify(std::string name, std::string method,
                                    base::JsonObject params = {}, Asking how = {});
  // `count` requests at once, until all are answered; each is a step of its own.
  runtime::Task<bool> ask_many(std::string name, std::string method, std::size_t count,
                               std::optional<base::Json> same_id = {});
  // HTTP: starts a request and waits for the head of the answer only; the rest is still listened
  // to.
  runtime::Task<const Step*> start(std::string name, std::string text, Asking how);
  // A request whose answer stays open: until its first message, or its refusal.
  runtime::Task<const Step*> listen(std::string name, std::string method, base::JsonObject params);
  void abandon(const Step& step);  // stops listening
  // The handshake of the era: initialize and initialized, or nothing.
  runtime::Task<bool> begin(std::string version);
  runtime::Task<bool> wait_exit(base::Duration limit);  // closes stdin before

  base::JsonObject envelope(const std::string& method, base::JsonObject params, base::Json id,
                            const Asking& how) const;
  const std::shared_ptr<Wire>& wire() const noexcept { return wire_; }
  mcp::HttpVersion& http() noexcept { return http_; }
  const Scene& scene() const noexcept { return *scene_; }
  // Whether the server may still be talked to.
  bool usable() const { return wire_->alive(); }
  void finish();  // takes in what came last

 private:
  Step& open_step(std::string name, std::string text);
  base::Result<std::size_t> send(Step* step, const std::string& method, const std::string& name,
                                 const Asking& how);
  void absorb();
  void take(const Frame& frame, std::string_view text);
  void take_json(Message message);
  void reply(const base::JsonObject& request);
  bool settle(Step* step);
  runtime::Task<bool> until_settled(Step* step, base::Duration limit);
  runtime::Task<bool> alive_now(Step* step);

  std::shared_ptr<Wire> wire_;
  mcp::Era era_;
  Scene* scene_;
  base::Duration limit_;
  const base::Clock& clock_;
  mcp::HttpVersion http_;
  std::int64_t next_id_ = 1;
  std::size_t seen_ = 0;  // frames taken in
};

}  // namespace telltale::lab
