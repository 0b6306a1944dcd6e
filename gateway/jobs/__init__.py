"""Long work: started by a request, done by the worker as its caller, and told of until thirty days are over."""
