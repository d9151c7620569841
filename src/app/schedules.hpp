// What the scheduler needs of others: operations by the dispatcher, users by the session service.
#pragma once

#include "auth/sessions.hpp"
#include "catalog/dispatcher.hpp"
#include "schedule/scheduler.hpp"

namespace telltale::app {

// All of these outlive the scheduler.
schedule::Scheduler::Parts schedule_parts(runtime::Loop& loop, store::Store& store,
                                          runtime::EventSink& events,
                                          catalog::Dispatcher& dispatcher,
                                          const auth::SessionService& sessions);

}  // namespace telltale::app
